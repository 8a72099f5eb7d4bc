package dev.cairn.client.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.client.Timer;
import dev.cairn.client.data.ChunkGrants.FreshChunk;
import dev.cairn.client.master.GrantMaster;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What many writers get of a master that is slow, or knows of no chunk server. */
@Timeout(60)
final class ChunkGrantsTest {

  private static final int WRITERS = 8;
  private static final int IDS = GrantMaster.IDS;

  private final ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
  private final Timer timer = new Timer();
  private GrantMaster master;

  @BeforeEach
  void connect() throws IOException {
    master = new GrantMaster(timer);
  }

  @AfterEach
  void disconnect() throws InterruptedException {
    writers.shutdownNow();
    timer.close();
    master.stop();
  }

  private ChunkGrants grants(Duration patience) {
    ServerTable servers = new ServerTable(System::nanoTime);
    return new ChunkGrants(
        new ChunkGrants.Tools(master.client(), servers, timer, patience), 2, IDS, 1 << 20);
  }

  private List<Future<FreshChunk>> taking(ChunkGrants grants) {
    List<Future<FreshChunk>> taken = new ArrayList<>();
    Callable<FreshChunk> take = grants::take;
    for (int i = 0; i < WRITERS; i++) {
      taken.add(writers.submit(take));
    }
    return taken;
  }

  private static void allDifferent(List<Future<FreshChunk>> taken) throws Exception {
    Set<Long> ids = new HashSet<>();
    for (Future<FreshChunk> chunk : taken) {
      assertTrue(ids.add(chunk.get(30, TimeUnit.SECONDS).chunkId()));
    }
  }

  @Test
  void allWhoWait_areServedByOneRequest() throws Exception {
    List<Future<FreshChunk>> taken = taking(grants(Duration.ofSeconds(30)));
    master.awaitRequest();
    master.grant();
    allDifferent(taken);
    assertEquals(0, master.waitingRequests());
  }

  @Test
  void noChunkServer_isWaitedFor_withoutARequestOfEachWriter() throws Exception {
    List<Future<FreshChunk>> taken = taking(grants(Duration.ofSeconds(30)));
    for (int i = 0; i < 3; i++) {
      master.awaitRequest();
      master.refuse();
    }
    master.awaitRequest();
    master.grant();
    allDifferent(taken);
    assertEquals(0, master.waitingRequests());
  }

  @Test
  void noChunkServer_isTheErrorWhenThePatienceIsOver() throws Exception {
    ChunkGrants grants = grants(Duration.ofMillis(600));
    Future<FreshChunk> taken = writers.submit((Callable<FreshChunk>) grants::take);
    Future<?> refusing =
        writers.submit(
            () -> {
              while (!taken.isDone()) {
                if (master.waitingRequests() > 0) {
                  master.awaitRequest();
                  master.refuse();
                }
                LockSupport.parkNanos(5_000_000);
              }
              return null;
            });
    Exception failure = assertThrows(Exception.class, () -> taken.get(30, TimeUnit.SECONDS));
    assertEquals(ErrorCode.NO_SERVERS, ((CairnException) failure.getCause()).code());
    refusing.get(30, TimeUnit.SECONDS);
  }
}
