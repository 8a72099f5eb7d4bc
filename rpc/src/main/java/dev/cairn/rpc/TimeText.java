package dev.cairn.rpc;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A time as people write it: 0, 90s, 10m, 24h, 7d. */
public final class TimeText {

  private static final String FOREVER = "forever";
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

  /**
   * Reads how long somebody waits: a time of a second or more, or {@code forever}, which is {@link
   * Retry#FOREVER}.
   *
   * @throws IllegalArgumentException with a sentence for the user
   */
  public static Duration parsePatience(String text) {
    if (text.strip().equals(FOREVER)) {
      return Retry.FOREVER;
    }
    if (!TEXT.matcher(text.strip()).matches()) {
      throw new IllegalArgumentException(
          "'" + text.strip() + "' is not a time: write one like 90s, 10m or 24h, or 'forever'");
    }
    Duration time = parse(text);
    if (time.isZero()) {
      throw new IllegalArgumentException("'" + text.strip() + "' is too short: write 1s or more");
    }
    return time.compareTo(Retry.FOREVER) > 0 ? Retry.FOREVER : time;
  }

  /** How long somebody waits, as {@link #parsePatience} reads it. */
  public static String patience(Duration time) {
    return time.compareTo(Retry.FOREVER) >= 0 ? FOREVER : show(time);
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
