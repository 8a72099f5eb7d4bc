package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.GetStatusRequest;
import dev.cairn.rpc.proto.ListTrashReply;
import dev.cairn.rpc.proto.ListTrashRequest;
import dev.cairn.rpc.proto.TrashServiceGrpc;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Questions of operators to a master whose other threads are busy. */
@Timeout(60)
final class BusyMasterTest {

  private static final int POOL_THREADS = 2;

  @TempDir Path data;

  private final ExecutorService callers = Executors.newCachedThreadPool();
  private HeldStore store;
  private RunningMaster master;

  @BeforeEach
  void start() {
    AtomicReference<HeldStore> held = new AtomicReference<>();
    master =
        RunningMaster.start(
            data,
            new ManualTime(),
            tables -> {
              held.set(new HeldStore(tables));
              return held.get();
            });
    store = held.get();
  }

  @AfterEach
  void stop() {
    store.release();
    master.close();
    callers.shutdownNow();
  }

  private CompletableFuture<ListTrashReply> listing() {
    return CompletableFuture.supplyAsync(
        () ->
            master.call(
                TrashServiceGrpc.getListTrashMethod(), ListTrashRequest.getDefaultInstance()),
        callers);
  }

  private GetStatusReply status() {
    return master
        .cluster
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .getStatus(GetStatusRequest.getDefaultInstance());
  }

  @Test
  void status_isAnsweredWhileListingsTakeTheWholePool() throws Exception {
    store.hold("master-pool");
    List<CompletableFuture<ListTrashReply>> listings = new ArrayList<>();
    for (int i = 0; i < POOL_THREADS * 2; i++) {
      listings.add(listing());
    }
    Eventually.equals(POOL_THREADS, store::heldReads);
    assertEquals("cluster-1", status().getClusterId());
    store.release();
    for (CompletableFuture<ListTrashReply> listing : listings) {
      assertEquals(0, listing.get(20, TimeUnit.SECONDS).getEntriesCount());
    }
  }
}
