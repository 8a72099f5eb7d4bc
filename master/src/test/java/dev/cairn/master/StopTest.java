package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.GetStatusRequest;
import dev.cairn.rpc.proto.ListTrashReply;
import dev.cairn.rpc.proto.ListTrashRequest;
import dev.cairn.rpc.proto.TrashServiceGrpc;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The tables are closed when nobody reads them any more. */
@Timeout(60)
final class StopTest {

  @TempDir Path data;

  private final AtomicReference<HeldStore> store = new AtomicReference<>();

  private RunningMaster start() {
    return RunningMaster.start(
        data,
        new ManualTime(),
        tables -> {
          store.set(new HeldStore(tables));
          return store.get();
        });
  }

  @Test
  void aStoppingMaster_waitsForTheTimers() throws Exception {
    RunningMaster master = start();
    store.get().hold("master-upkeep");
    store.get().awaitHeld();
    master.close();
    assertFalse(store.get().wasClosedWhileReading());
  }

  @Test
  void aStoppingMaster_waitsForThePool() throws Exception {
    RunningMaster master = start();
    store.get().hold("master-pool");
    CompletableFuture<ListTrashReply> unused =
        CompletableFuture.supplyAsync(
            () ->
                master.call(
                    TrashServiceGrpc.getListTrashMethod(), ListTrashRequest.getDefaultInstance()));
    store.get().awaitHeld();
    master.close();
    assertFalse(store.get().wasClosedWhileReading());
  }

  @Test
  void aStoppingMaster_waitsForOperatorsQuestions() throws Exception {
    RunningMaster master = start();
    store.get().hold("master-operators");
    CompletableFuture<GetStatusReply> unused =
        CompletableFuture.supplyAsync(
            () -> master.cluster.getStatus(GetStatusRequest.getDefaultInstance()));
    store.get().awaitHeld();
    master.close();
    assertFalse(store.get().wasClosedWhileReading());
  }
}
