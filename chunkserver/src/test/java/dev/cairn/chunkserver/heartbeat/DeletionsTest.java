package dev.cairn.chunkserver.heartbeat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What goes, in which order, and what does not when the master no longer says so. */
@Timeout(60)
final class DeletionsTest {

  private final LinkedBlockingQueue<List<Long>> batches = new LinkedBlockingQueue<>();
  // A permit ends a batch.
  private final Semaphore ends = new Semaphore(0);
  private final Deletions deletions = new Deletions("deletions-under-test", this::delete);

  private void delete(List<Long> batch) {
    batches.add(batch);
    ends.acquireUninterruptibly();
  }

  @BeforeEach
  void start() {
    deletions.start();
  }

  @AfterEach
  void close() {
    ends.release(1000);
    deletions.close();
  }

  private List<Long> nextBatch() throws InterruptedException {
    return batches.poll(20, TimeUnit.SECONDS);
  }

  private static List<Long> ids(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  @Test
  void aSpareThatTheNextAnswerDoesNotName_stays() throws Exception {
    deletions.addGarbage(List.of(1L));
    assertEquals(List.of(1L), nextBatch());
    deletions.replaceSpares(5, List.of(2L, 3L));
    deletions.replaceSpares(6, List.of(3L, 4L));
    ends.release(2);
    assertEquals(List.of(3L, 4L), nextBatch());
  }

  @Test
  void spares_goBeforeGarbage() throws Exception {
    deletions.addGarbage(ids(1, 1200));
    assertEquals(ids(1, 500), nextBatch());
    deletions.replaceSpares(5, List.of(2000L));
    ends.release(3);
    assertEquals(List.of(2000L), nextBatch());
    assertEquals(ids(501, 1000), nextBatch());
    assertEquals(ids(1001, 1200), nextBatch());
  }

  @Test
  void anAnswer_isSettledWhenNothingGoesThatItDoesNotName() throws Exception {
    assertEquals(0, deletions.settled());
    deletions.replaceSpares(5, List.of(2L));
    assertEquals(List.of(2L), nextBatch());
    deletions.replaceSpares(6, List.of(3L));
    deletions.replaceSpares(7, List.of(4L));
    assertTrue(deletions.settled() < 6);
    ends.release();
    assertEquals(List.of(4L), nextBatch());
    assertEquals(7, deletions.settled());
    ends.release();
  }

  @Test
  void garbageUnderWay_doesNotKeepAnAnswerFromBeingSettled() throws Exception {
    deletions.addGarbage(List.of(1L));
    assertEquals(List.of(1L), nextBatch());
    deletions.replaceSpares(5, List.of());
    assertEquals(5, deletions.settled());
    assertTrue(deletions.withdrawSpares());
  }

  @Test
  void whatIsWithdrawn_stays_andIsOverWhenNothingIsUnderWay() throws Exception {
    deletions.replaceSpares(5, ids(1, 600));
    assertEquals(ids(1, 500), nextBatch());
    assertFalse(deletions.withdrawSpares());
    assertEquals(0, deletions.settled());
    deletions.addGarbage(List.of(1000L));
    ends.release();
    assertEquals(List.of(1000L), nextBatch());
    assertTrue(deletions.withdrawSpares());
    assertEquals(0, deletions.settled());
  }
}
