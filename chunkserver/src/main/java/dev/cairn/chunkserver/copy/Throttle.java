package dev.cairn.chunkserver.copy;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Lets so many bytes a second pass. Who comes reserves its bytes at once and is told how long to
 * wait for them, so that large requests are not overtaken for ever by small ones. Up to a quarter
 * of a second's worth passes at once after a pause.
 */
final class Throttle {

  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long BURST_NANOS = SECOND_NANOS / 4;

  private final LongSupplier ticks;
  private long bytesPerSecond;
  // When everything reserved so far has passed.
  private long clearNanos;

  /**
   * @param ticks nanoseconds since some moment, never going back
   */
  Throttle(LongSupplier ticks) {
    this.ticks = ticks;
    this.clearNanos = ticks.getAsLong() - BURST_NANOS;
  }

  /**
   * @param rate bytes a second; 0 for no bound
   */
  synchronized void rate(long rate) {
    bytesPerSecond = rate;
  }

  /** Reserves bytes; answers how many nanoseconds to wait before using them. */
  synchronized long reserve(long bytes) {
    if (bytesPerSecond <= 0) {
      return 0;
    }
    long now = ticks.getAsLong();
    long start = Math.max(clearNanos, now - BURST_NANOS);
    clearNanos = start + (long) (bytes * (double) SECOND_NANOS / bytesPerSecond);
    return Math.max(0, start - now);
  }
}
