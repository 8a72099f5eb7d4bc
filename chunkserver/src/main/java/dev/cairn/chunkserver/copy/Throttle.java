package dev.cairn.chunkserver.copy;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Lets so many bytes a second pass, and fewer while clients are busy here: a quarter of what they
 * read and write. Who comes reserves its bytes at once and is told how long to wait for them, so
 * that large requests are not overtaken for ever by small ones. Up to a quarter of a second's worth
 * passes at once after a pause.
 */
final class Throttle {

  /** What clients leave is never less, so that copies come to an end. */
  static final long LEAST_BYTES_PER_SECOND = 4 << 20;

  private static final int CLIENTS_SHARE = 4;
  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long BURST_NANOS = SECOND_NANOS / 4;
  private static final long SAMPLE_NANOS = SECOND_NANOS / 2;

  /** Slower than this, clients want next to nothing. */
  private static final long QUIET_BYTES_PER_SECOND = 1 << 20;

  private final LongSupplier ticks;
  private final LongSupplier clientBytes;
  private long bytesPerSecond;
  private long sampleTicks;
  private long sampleBytes;
  private long clientBytesPerSecond;
  // When everything reserved so far has passed.
  private long clearNanos;

  /**
   * @param ticks nanoseconds since some moment, never going back
   * @param clientBytes what was read and written for clients so far
   */
  Throttle(LongSupplier ticks, LongSupplier clientBytes) {
    this.ticks = ticks;
    this.clientBytes = clientBytes;
    this.clearNanos = ticks.getAsLong() - BURST_NANOS;
    this.sampleTicks = ticks.getAsLong();
    this.sampleBytes = clientBytes.getAsLong();
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
    clearNanos = start + (long) (bytes * (double) SECOND_NANOS / allowed(now));
    return Math.max(0, start - now);
  }

  private long allowed(long now) {
    long elapsed = now - sampleTicks;
    if (elapsed >= SAMPLE_NANOS) {
      long total = clientBytes.getAsLong();
      clientBytesPerSecond = (long) ((total - sampleBytes) * (double) SECOND_NANOS / elapsed);
      sampleBytes = total;
      sampleTicks = now;
    }
    if (clientBytesPerSecond < QUIET_BYTES_PER_SECOND) {
      return bytesPerSecond;
    }
    long share = Math.max(LEAST_BYTES_PER_SECOND, clientBytesPerSecond / CLIENTS_SHARE);
    return Math.min(bytesPerSecond, share);
  }
}
