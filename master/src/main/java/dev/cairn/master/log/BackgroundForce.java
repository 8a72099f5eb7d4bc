package dev.cairn.master.log;

import dev.cairn.master.time.Time;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Forces of the log that nobody waits for: they let it be known what a power cut cannot take back
 * any more. They are numbered, one is under way at a time, and about one begins in a second, and
 * only where somebody asks. Safe for any thread.
 */
public final class BackgroundForce {

  /** A little less than the heartbeats of one server are apart. */
  private static final long LEAST_APART_NANOS = Duration.ofMillis(900).toNanos();

  private final Consumer<Runnable> forcing;
  private final Time time;
  private long begun;
  private long ended;
  private long begunTicks;

  /**
   * Makes one that has not forced anything.
   *
   * @param forcing runs what it is given when all that could be read before is on disk; must not
   *     block
   */
  public BackgroundForce(Consumer<Runnable> forcing, Time time) {
    this.forcing = forcing;
    this.time = time;
  }

  /** Asks for a force that covers all that could be read before; answers its number. */
  public synchronized long ask() {
    long number = begun + 1;
    beginInTime();
    return number;
  }

  /** Whether a force that was asked for has ended. */
  public synchronized boolean hasEnded(long number) {
    if (begun < number) {
      beginInTime();
    }
    return ended >= number;
  }

  private void beginInTime() {
    boolean early = begun > 0 && time.ticks() - begunTicks < LEAST_APART_NANOS;
    if (begun == ended && !early) {
      begun++;
      begunTicks = time.ticks();
      forcing.accept(this::end);
    }
  }

  private synchronized void end() {
    ended++;
  }
}
