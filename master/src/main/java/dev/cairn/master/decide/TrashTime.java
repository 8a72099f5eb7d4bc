package dev.cairn.master.decide;

import dev.cairn.rpc.TimeText;
import java.time.Duration;

/** How long deleted files are kept. */
public final class TrashTime {

  private static final Duration LONGEST = Duration.ofDays(20 * 365);

  private TrashTime() {}

  /**
   * Reads a time as people write it; 0 keeps nothing.
   *
   * @throws IllegalArgumentException with a sentence for the user
   */
  public static Duration parse(String text) {
    Duration time = TimeText.parse(text);
    if (time.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("'" + text + "': deleted files are kept 20 years at most");
    }
    return time;
  }
}
