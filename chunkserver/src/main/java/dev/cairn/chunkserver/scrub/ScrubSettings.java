package dev.cairn.chunkserver.scrub;

import java.time.Duration;

/**
 * How a server scrubs.
 *
 * @param period in which every chunk is read once; at most ten years
 * @param mostBytesPerSecond what reading may take of the disks' bandwidth, though the period may
 *     not be kept then
 */
public record ScrubSettings(Duration period, long mostBytesPerSecond) {

  private static final Duration LONGEST = Duration.ofDays(3650);

  public static final ScrubSettings DEFAULT = new ScrubSettings(Duration.ofDays(14), 32L << 20);

  public ScrubSettings {
    if (period.isNegative() || period.isZero() || period.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "the period of scrubbing is 1 to %s days, not %s"
              .formatted(LONGEST.toDays(), period.toDays()));
    }
    if (mostBytesPerSecond <= 0) {
      throw new IllegalArgumentException("scrubbing needs some bandwidth");
    }
  }

  /**
   * How fast to read so that what is left is read in time: a tenth of the period is to spare, and
   * nothing is slower than 1 MiB/s, which costs nobody anything.
   */
  long bytesPerSecond(long bytesLeft, long sinceStartNanos) {
    long left = Math.max(1, (period.toNanos() / 10 * 9 - sinceStartNanos) / 1_000_000_000L);
    return Math.min(mostBytesPerSecond, Math.max(1L << 20, bytesLeft / left));
  }
}
