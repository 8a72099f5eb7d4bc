package dev.cairn.master.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.record.proto.MasterStarted;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A writer over a log that commits when the test says so. */
final class WriterTest implements RecordLog {

  private static final long SECONDS = 30;

  private record Appended(Overlay effects, Runnable committed) {}

  private final MemoryStore store = new MemoryStore();
  private final BlockingQueue<Appended> appended = new LinkedBlockingQueue<>();
  private final Writer writer =
      new Writer(store, this, Time.system(), record -> {}, Assertions::fail);

  @Override
  public void append(List<Record> records, Overlay effects, Runnable committed) {
    appended.add(new Appended(effects, committed));
  }

  @Override
  public void force() {}

  @BeforeEach
  void start() {
    writer.start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    writer.depose(CairnException.notLeader(""));
    writer.stop();
  }

  /** Makes the next inode's number one that is larger by one, and returns it. */
  private CompletableFuture<Long> count() {
    return submit(
        (view, now) -> {
          long next = view.number(Meta.NEXT_INODE) + 1;
          MasterStarted start = MasterStarted.newBuilder().setNextInode(next).build();
          return new Decision<>(List.of(Record.newBuilder().setMasterStarted(start).build()), next);
        });
  }

  private CompletableFuture<Long> submit(Command<Long> command) {
    CompletableFuture<Long> answer = new CompletableFuture<>();
    writer.submit(
        command,
        new Answer<>() {
          @Override
          public void granted(Long reply) {
            answer.complete(reply);
          }

          @Override
          public void refused(CairnException why) {
            answer.completeExceptionally(why);
          }
        });
    return answer;
  }

  private Appended nextAppended() throws InterruptedException {
    Appended next = appended.poll(SECONDS, TimeUnit.SECONDS);
    Assertions.assertNotNull(next, "the writer appends nothing");
    return next;
  }

  private void commit(Appended batch) {
    store.write(batch.effects());
    batch.committed().run();
  }

  private static long get(CompletableFuture<Long> answer) throws Exception {
    return answer.get(SECONDS, TimeUnit.SECONDS);
  }

  private static CairnException refusal(CompletableFuture<Long> answer) {
    ExecutionException thrown =
        Assertions.assertThrows(
            ExecutionException.class, () -> answer.get(SECONDS, TimeUnit.SECONDS));
    return (CairnException) thrown.getCause();
  }

  @Test
  void aBatch_isDecidedOverThoseInFlight_andAnsweredWhenItIsCommitted() throws Exception {
    CompletableFuture<Long> first = count();
    Appended one = nextAppended();
    CompletableFuture<Long> second = count();
    Appended two = nextAppended();
    assertFalse(first.isDone());
    assertFalse(second.isDone());
    commit(one);
    assertEquals(1, get(first));
    assertFalse(second.isDone(), "the second batch is not committed");
    commit(two);
    assertEquals(2, get(second));
  }

  @Test
  void aReader_waitsForTheBatchesItReadFrom() throws Exception {
    CompletableFuture<Long> change = count();
    Appended batch = nextAppended();
    CompletableFuture<Long> decided = new CompletableFuture<>();
    CompletableFuture<Long> read =
        submit(
            (view, now) -> {
              decided.complete(view.number(Meta.NEXT_INODE));
              return Decision.replyOnly(view.number(Meta.NEXT_INODE));
            });
    assertEquals(1, get(decided));
    assertFalse(read.isDone(), "what was read is not committed");
    commit(batch);
    assertEquals(1, get(change));
    assertEquals(1, get(read));
  }

  @Test
  void batchesInFlight_areBounded_andTheOthersGatherMeanwhile() throws Exception {
    CompletableFuture<Long> last = null;
    for (int i = 0; i < 8; i++) {
      last = count();
      commitLater(nextAppended());
    }
    for (int i = 0; i < 20; i++) {
      last = count();
    }
    assertEquals(8, held.size());
    assertTrue(appended.isEmpty(), "more batches are in flight than may be");
    commit(held.remove());
    Appended gathered = nextAppended();
    held.forEach(this::commit);
    commit(gathered);
    while (!last.isDone()) {
      Appended more = appended.poll(10, TimeUnit.MILLISECONDS);
      if (more != null) {
        commit(more);
      }
    }
    assertEquals(28, get(last));
  }

  private final BlockingQueue<Appended> held = new LinkedBlockingQueue<>();

  private void commitLater(Appended batch) {
    held.add(batch);
  }

  @Test
  void aDeposedWriter_refusesWhatIsInFlight_asWhatMayBeDone() throws Exception {
    CompletableFuture<Long> committed = count();
    Appended first = nextAppended();
    CompletableFuture<Long> inFlight = count();
    Appended second = nextAppended();
    commit(first);
    assertEquals(1, get(committed));
    writer.depose(CairnException.notLeader("other:9420"));
    CairnException why = refusal(inFlight);
    assertEquals(ErrorCode.NOT_LEADER, why.code());
    assertEquals("other:9420", why.leader());
    assertTrue(why.mayBeDone());
    CairnException later = refusal(count());
    assertEquals(ErrorCode.NOT_LEADER, later.code());
    assertFalse(later.mayBeDone());
    // A commit that comes late is nobody's business any more.
    second.committed().run();
  }
}
