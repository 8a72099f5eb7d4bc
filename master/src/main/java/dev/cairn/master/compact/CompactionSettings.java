package dev.cairn.master.compact;

import java.time.Duration;

/**
 * What is worth writing anew.
 *
 * @param quiet how long a file has not changed; zero: nothing is ever written anew
 * @param deadPercent of a chunk, which no extent refers to any more
 * @param extentBytes extents that are shorter are made into longer ones
 */
public record CompactionSettings(Duration quiet, int deadPercent, int extentBytes) {

  public static final int DEFAULT_DEAD_PERCENT = 50;
  public static final int DEFAULT_EXTENT_BYTES = 64 << 10;

  private static final Duration DEFAULT_QUIET = Duration.ofMinutes(5);

  private static final Duration MOST_QUIET = Duration.ofDays(30);

  public CompactionSettings {
    if (quiet.isNegative() || quiet.compareTo(MOST_QUIET) > 0) {
      throw new IllegalArgumentException(
          "files are compacted after 0 (never) to 2592000 seconds (30 days), not "
              + quiet.toSeconds());
    }
    if (deadPercent < 1 || deadPercent > 100) {
      throw new IllegalArgumentException(
          "of a chunk 1 to 100 percent can be dead, not " + deadPercent);
    }
    if (extentBytes < 0 || extentBytes > 1 << 20) {
      throw new IllegalArgumentException(
          "extents of 0 to 1M bytes are made into longer ones, not " + extentBytes);
    }
  }

  public static CompactionSettings defaults() {
    return new CompactionSettings(DEFAULT_QUIET, DEFAULT_DEAD_PERCENT, DEFAULT_EXTENT_BYTES);
  }
}
