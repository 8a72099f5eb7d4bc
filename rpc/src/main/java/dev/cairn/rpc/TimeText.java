package dev.cairn.rpc;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A time as people write it: 0, 90s, 10m, 24h, 7d. */
public final class TimeText {

  private static final Pattern TEXT = Pattern.compile("(\\d{1,9})([smhd]?)");

  private TimeText() {}

  /**
   * Reads a number with a unit; without one it counts seconds.
   *
   * @throws IllegalArgumentException with a sentence for the user
   */
  public static Duration parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text.strip() + "' is not a time: write one like 90s, 10m, 24h or 7d");
    }
    long count = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      case "d" -> Duration.ofDays(count);
      default -> Duration.ofSeconds(count);
    };
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
