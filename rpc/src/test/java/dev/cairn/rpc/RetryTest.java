package dev.cairn.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.Retry.Pauses;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What becomes of attempts that fail, by a clock that the test moves. */
final class RetryTest {

  private static final Pauses GROWING = new Pauses(Duration.ofMillis(50), Duration.ofMillis(800));

  private long nanos = Long.MAX_VALUE - 5; // a clock that overflows is a clock, too
  private final Deque<Runnable> later = new ArrayDeque<>();
  private final List<Duration> pauses = new ArrayList<>();

  private Retry retry(Pauses of, Duration patience, double jitter) {
    return new Retry(of, patience, () -> nanos, () -> jitter);
  }

  /** A timer whose tasks run when the test says so, after the time has passed. */
  private void after(Duration delay, Runnable task) {
    pauses.add(delay);
    later.add(
        () -> {
          pass(delay);
          task.run();
        });
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
  }

  private static List<Long> millis(List<Duration> durations) {
    return durations.stream().map(Duration::toMillis).toList();
  }

  @Test
  void pauses_doubleUpToTheLongest() {
    Retry retry = retry(GROWING, Duration.ofMinutes(5), 1);
    List<Duration> taken = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      taken.add(retry.nextPause());
    }
    assertEquals(List.of(50L, 100L, 200L, 400L, 800L, 800L, 800L), millis(taken));
  }

  @Test
  void pauses_areAtLeastHalfOfTheirBound() {
    Retry retry = retry(GROWING, Duration.ofMinutes(5), 0);
    assertEquals(25, retry.nextPause().toMillis());
    assertEquals(50, retry.nextPause().toMillis());
  }

  @Test
  void pauses_thatDoNotGrow_stayAsTheyAre() {
    Retry retry = retry(Pauses.of(Duration.ofMillis(150)), Duration.ofSeconds(9), 1);
    assertEquals(150, retry.nextPause().toMillis());
    assertEquals(150, retry.nextPause().toMillis());
  }

  @Test
  void patience_isOverAtItsEnd_andNoPauseGoesBeyondIt() {
    Retry retry = retry(Pauses.of(Duration.ofSeconds(4)), Duration.ofSeconds(5), 1);
    assertEquals(4, retry.nextPause().toSeconds());
    pass(Duration.ofSeconds(4));
    assertFalse(retry.isOver());
    assertEquals(1, retry.nextPause().toSeconds());
    pass(Duration.ofSeconds(1));
    assertTrue(retry.isOver());
    pass(Duration.ofSeconds(1));
    assertEquals(Duration.ZERO, retry.nextPause());
  }

  @Test
  void patience_ofNothing_isOverAtOnce() {
    assertTrue(retry(GROWING, Duration.ZERO, 1).isOver());
  }

  @Test
  void patience_withoutEnd_isNotOverAfterYears() {
    Retry retry = retry(GROWING, Retry.FOREVER, 1);
    pass(Duration.ofDays(10_000));
    assertFalse(retry.isOver());
    assertEquals(50, retry.nextPause().toMillis());
  }

  @Test
  void progress_startsThePatienceAndThePausesAgain() {
    Retry retry = retry(GROWING, Duration.ofSeconds(5), 1);
    retry.nextPause();
    retry.nextPause();
    pass(Duration.ofSeconds(4));
    retry.progressed();
    pass(Duration.ofSeconds(4));
    assertFalse(retry.isOver());
    assertEquals(Duration.ofSeconds(4), retry.waited());
    assertEquals(50, retry.nextPause().toMillis());
  }

  @Test
  void attempts_areMadeUntilOneSucceeds() {
    List<Integer> made = new ArrayList<>();
    CompletableFuture<String> result =
        retry(GROWING, Duration.ofSeconds(5), 1)
            .run(this::after, failing(made, 3), failure -> true);
    while (!later.isEmpty()) {
      assertFalse(result.isDone());
      later.poll().run();
    }
    assertEquals("done", result.join());
    assertEquals(4, made.size());
    assertEquals(List.of(50L, 100L, 200L), millis(pauses));
  }

  private static Supplier<CompletableFuture<String>> failing(List<Integer> made, int times) {
    return () -> {
      made.add(made.size());
      return made.size() <= times
          ? CompletableFuture.failedFuture(new IllegalStateException("no " + made.size()))
          : CompletableFuture.completedFuture("done");
    };
  }

  @Test
  void aFailureThatDoesNotPass_isTheResultAtOnce() {
    List<Integer> made = new ArrayList<>();
    CompletableFuture<String> result =
        retry(GROWING, Duration.ofSeconds(5), 1)
            .run(this::after, failing(made, 3), failure -> false);
    assertEquals(
        "no 1", assertThrows(CompletionException.class, result::join).getCause().getMessage());
    assertTrue(later.isEmpty());
  }

  @Test
  void anAttemptThatThrows_isAFailureForGood() {
    CompletableFuture<String> result =
        retry(GROWING, Duration.ofSeconds(5), 1)
            .run(
                this::after,
                () -> {
                  throw new IllegalStateException("a bug");
                },
                failure -> true);
    assertTrue(result.isCompletedExceptionally());
  }

  @Test
  void theLastAttempt_isMadeWhenThePatienceEnds_andItsFailureIsTheResult() {
    List<Integer> made = new ArrayList<>();
    CompletableFuture<String> result =
        retry(Pauses.of(Duration.ofSeconds(2)), Duration.ofSeconds(5), 1)
            .run(this::after, failing(made, 99), failure -> true);
    while (!later.isEmpty()) {
      later.poll().run();
    }
    assertTrue(result.isCompletedExceptionally());
    assertEquals(List.of(2000L, 2000L, 1000L), millis(pauses));
    assertEquals(4, made.size());
  }

  @Test
  void aResultThatIsCancelled_endsTheAttempts() {
    List<Integer> made = new ArrayList<>();
    CompletableFuture<String> result =
        retry(GROWING, Retry.FOREVER, 1).run(this::after, failing(made, 99), failure -> true);
    result.cancel(true);
    later.poll().run();
    assertTrue(later.isEmpty());
    assertEquals(1, made.size());
  }

  @Test
  void aPauseOfAThreadThatIsInterrupted_isCutShort() {
    Retry retry = new Retry(Pauses.of(Duration.ofHours(1)), Retry.FOREVER);
    Thread.currentThread().interrupt();
    retry.pause();
    assertTrue(Thread.interrupted());
  }
}
