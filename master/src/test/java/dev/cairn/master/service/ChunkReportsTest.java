package dev.cairn.master.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.Founder;
import dev.cairn.master.Founding;
import dev.cairn.master.ManualTime;
import dev.cairn.master.decide.Decision;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.StoreLog;
import dev.cairn.master.log.Writer;
import dev.cairn.master.record.proto.Chunk;
import dev.cairn.master.record.proto.ChunkServer;
import dev.cairn.master.record.proto.ChunksDiscarded;
import dev.cairn.master.record.proto.ChunksWritten;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.session.SessionSettings;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ChunkReplica;
import dev.cairn.rpc.proto.ChunkReport;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is reported, beside what happens to the chunks meanwhile. */
@Timeout(60)
final class ChunkReportsTest {

  private final ManualTime time = new ManualTime();
  private final MemoryStore store = new MemoryStore();
  private final MetadataView latest = new MetadataView(store);
  private final Fleet fleet = new Fleet(latest, Duration.ofSeconds(10), 0);
  private final ReplicaMap replicas = new ReplicaMap(latest, fleet, time, Duration.ofSeconds(20));
  private final Writer writer =
      new Writer(store, new StoreLog(store), time, this::follow, Assertions::fail);
  private final ChunkReports reports =
      new ChunkReports(
          replicas,
          new LiveSessions(latest, SessionSettings.of(Duration.ofSeconds(20)), 0),
          fleet,
          writer,
          time);

  @BeforeEach
  void start() throws Exception {
    Founding.found(store, new StoreLog(store), "test-cluster", Founder.ROOT, 1);
    fleet.registered(
        ChunkServer.newBuilder().setId(1).setHost("h").setDataPort(7001).build(), List.of(), 0, 0);
    writer.start();
  }

  @AfterEach
  void stop() throws Exception {
    writer.stop();
  }

  private void follow(Record record) {
    record.getChunksDiscarded().getIdsList().forEach(replicas::discarded);
  }

  private void record(Record record) {
    writer.submit((view, now) -> new Decision<>(List.of(record), true), Answer.ignored());
  }

  private void write(long chunk, int length) {
    Chunk written =
        Chunk.newBuilder().setId(chunk).setLength(length).setReplicas(2).setCreated(true).build();
    record(
        Record.newBuilder()
            .setChunksWritten(ChunksWritten.newBuilder().addChunks(written))
            .build());
  }

  /** Lets the writer go no further until the latch is open. */
  private CountDownLatch hold() {
    CountDownLatch latch = new CountDownLatch(1);
    writer.submit(
        (view, now) -> Decision.replyOnly(true),
        Answer.of(
            () -> {
              try {
                assertTrue(latch.await(30, TimeUnit.SECONDS));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }));
    return latch;
  }

  private CompletableFuture<ChunkReport> take(ChunkReport page) {
    CompletableFuture<ChunkReport> taken = new CompletableFuture<>();
    reports.take(
        page,
        new Answer<>() {
          @Override
          public void granted(ChunkReport reply) {
            taken.complete(reply);
          }

          @Override
          public void refused(CairnException why) {
            taken.completeExceptionally(why);
          }
        });
    return taken;
  }

  private static ChunkReport.Builder page(long first, int count, long length) {
    ChunkReport.Builder page = ChunkReport.newBuilder().setServerId(1).setLast(true);
    for (int i = 0; i < count; i++) {
      page.addChunks(ChunkReplica.newBuilder().setChunkId(first + i).setLength(length));
    }
    return page;
  }

  private long wanted() {
    return replicas.tally().withReplica();
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  @Test
  void aChunkThatBecomesGarbageBeforeItsTurn_isCountedAsGarbage() throws Exception {
    write(7, 10);
    CountDownLatch latch = hold();
    record(Record.newBuilder().setChunksDiscarded(ChunksDiscarded.newBuilder().addIds(7)).build());
    CompletableFuture<ChunkReport> taken = take(page(7, 1, 10).build());
    assertArrayEquals(new int[0], replicas.holders(7));
    latch.countDown();
    get(taken);
    assertTrue(replicas.holds(7, 1));
    assertEquals(0, wanted());
  }

  @Test
  void aChunkThatGrowsBeforeTheTurnOfItsReplica_makesThatOneStale() throws Exception {
    write(7, 10);
    CountDownLatch latch = hold();
    write(7, 20);
    CompletableFuture<ChunkReport> taken = take(page(7, 1, 10).build());
    latch.countDown();
    get(taken);
    assertArrayEquals(new int[0], replicas.holders(7));
    assertEquals(List.of(7L), replicas.unfitOn(1, 10));
  }

  @Test
  void ofALongPage_partsAreTakenBetweenOtherCommands() throws Exception {
    CountDownLatch latch = hold();
    CompletableFuture<ChunkReport> taken = take(page(1000, 1000, 10).build());
    CompletableFuture<Boolean> between = new CompletableFuture<>();
    writer.submit(
        (view, now) -> Decision.replyOnly(true),
        Answer.of(() -> between.complete(replicas.holds(1000, 1) && !replicas.holds(1999, 1))));
    latch.countDown();
    assertTrue(get(between));
    get(taken);
    assertTrue(replicas.holds(1999, 1));
    assertTrue(fleet.allReported());
  }

  @Test
  void aServerThatIsNotRegistered_isRefused() {
    CompletableFuture<ChunkReport> taken = take(page(7, 1, 10).setServerId(2).build());
    ExecutionException refused = Assertions.assertThrows(ExecutionException.class, taken::get);
    assertEquals(ErrorCode.UNREGISTERED, ((CairnException) refused.getCause()).code());
  }
}
