package dev.cairn.rpc;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The pauses between attempts at one thing, and the time after which it is given up. The bound of a
 * pause doubles with each failure; the pause itself is drawn between half of the bound and all of
 * it, so that many who failed together do not try again together.
 *
 * <p>Used by one thread at a time: the next attempt follows the failure of the one before.
 */
public final class Retry {

  /** A patience without an end, which clock arithmetic can still bear. */
  public static final Duration FOREVER = Duration.ofDays(100 * 365);

  /** Runs a task after a time, on a thread of its own. */
  @FunctionalInterface
  public interface Timer {
    void after(Duration delay, Runnable task);
  }

  /** How long pauses are: the first, and the bound that they grow to. */
  public record Pauses(Duration first, Duration longest) {

    public Pauses {
      Check.that(
          !first.isNegative() && !first.isZero() && first.compareTo(longest) <= 0,
          "pauses from %s to %s",
          first,
          longest);
    }

    /** Pauses that do not grow. */
    public static Pauses of(Duration always) {
      return new Pauses(always, always);
    }
  }

  private final Pauses pauses;
  private final Duration patience;
  private final LongSupplier nanoTime;
  private final DoubleSupplier jitter;
  private Duration bound;
  private long startNanos;

  /**
   * Starts the patience now.
   *
   * @param nanoTime the clock
   * @param jitter numbers between 0 and 1, where 1 makes a pause as long as its bound
   */
  public Retry(Pauses pauses, Duration patience, LongSupplier nanoTime, DoubleSupplier jitter) {
    this.pauses = pauses;
    this.patience = patience;
    this.nanoTime = nanoTime;
    this.jitter = jitter;
    progressed();
  }

  /** Starts the patience now, by the system's clock. */
  public Retry(Pauses pauses, Duration patience) {
    this(pauses, patience, System::nanoTime, () -> ThreadLocalRandom.current().nextDouble());
  }

  /** Something went well: the patience starts again, and the pauses begin with the first. */
  public void progressed() {
    startNanos = nanoTime.getAsLong();
    bound = pauses.first();
  }

  /** The time since the start or the last progress. */
  public Duration waited() {
    return Duration.ofNanos(nanoTime.getAsLong() - startNanos);
  }

  /** Whether the patience is used up: no further attempt is to be made. */
  public boolean isOver() {
    return waited().compareTo(patience) >= 0;
  }

  /** The next pause. It does not go beyond the patience, so that a last attempt ends it. */
  public Duration nextPause() {
    long halfNanos = bound.toNanos() / 2;
    bound = bound.multipliedBy(2);
    if (bound.compareTo(pauses.longest()) > 0) {
      bound = pauses.longest();
    }
    long pauseNanos = halfNanos + (long) (jitter.getAsDouble() * halfNanos);
    Duration left = patience.minus(waited());
    Duration pause = Duration.ofNanos(pauseNanos);
    return left.compareTo(pause) > 0 ? pause : left.isNegative() ? Duration.ZERO : left;
  }

  /** Takes the next pause on this thread. An interrupt cuts it short and stays set. */
  public void pause() {
    long end = System.nanoTime() + nextPause().toNanos();
    long left = end - System.nanoTime();
    while (left > 0 && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(left);
      left = end - System.nanoTime();
    }
  }

  /**
   * Makes attempts until one succeeds, fails for good, or fails when the patience is used up; the
   * result is that of the last one. No thread waits. A result that is completed from outside, as by
   * a cancellation, ends the attempts.
   *
   * @param mayPass whether a failure may pass; it may come wrapped as futures wrap them
   */
  public <T> CompletableFuture<T> run(
      Timer timer, Supplier<CompletableFuture<T>> attempt, Predicate<Throwable> mayPass) {
    CompletableFuture<T> result = new CompletableFuture<>();
    attempt(timer, attempt, mayPass, result);
    return result;
  }

  private <T> void attempt(
      Timer timer,
      Supplier<CompletableFuture<T>> attempt,
      Predicate<Throwable> mayPass,
      CompletableFuture<T> result) {
    if (result.isDone()) {
      return;
    }
    CompletableFuture<T> made;
    try {
      made = attempt.get();
    } catch (RuntimeException e) {
      result.completeExceptionally(e);
      return;
    }
    made.whenComplete(
        (value, failure) -> {
          if (failure == null) {
            result.complete(value);
          } else if (isOver() || !mayPass.test(failure)) {
            result.completeExceptionally(failure);
          } else {
            timer.after(nextPause(), () -> attempt(timer, attempt, mayPass, result));
          }
        });
  }
}
