package dev.cairn.master.decide;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long deleted files are kept, as people write it: 0, 90s, 10m, 24h, 7d. */
public final class TrashTime {

  private static final Duration LONGEST = Duration.ofDays(20 * 365);
  private static final Pattern TEXT = Pattern.compile("(\\d{1,9})([smhd]?)");

  private TrashTime() {}

  /**
   * Reads a number with a unit; without one it counts seconds.
   *
   * @throws IllegalArgumentException with a sentence for the user
   */
  public static Duration parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no time to keep deleted files: it is like 0, 90s, 10m, 24h or 7d");
    }
    long count = Long.parseLong(matcher.group(1));
    Duration time =
        switch (matcher.group(2)) {
          case "m" -> Duration.ofMinutes(count);
          case "h" -> Duration.ofHours(count);
          case "d" -> Duration.ofDays(count);
          default -> Duration.ofSeconds(count);
        };
    if (time.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("'" + text + "': deleted files are kept 20 years at most");
    }
    return time;
  }

  /** In the largest unit of hours, minutes and seconds that says it exactly. */
  public static String show(Duration time) {
    long seconds = time.toSeconds();
    if (seconds == 0) {
      return "0";
    }
    if (seconds % 3600 == 0) {
      return seconds / 3600 + "h";
    }
    return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }
}
