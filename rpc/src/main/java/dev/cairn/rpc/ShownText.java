package dev.cairn.rpc;

import java.time.Duration;
import java.util.Locale;

/** Text for people. */
public final class ShownText {

  private ShownText() {}

  /** What others sent, as one line of at most that many characters that breaks no line of a log. */
  public static String of(String text, int mostCharacters) {
    String start = text.substring(0, Math.min(text.length(), mostCharacters));
    return start.replaceAll("\\p{Cntrl}", "?");
  }

  /** Like {@code 1 entry}, {@code 2 entries}. */
  public static String count(long number, String one, String several) {
    return number + " " + (number == 1 ? one : several);
  }

  /** Like {@code 3 d 4 h}: the two largest units. */
  public static String time(long millis) {
    Duration time = Duration.ofMillis(millis);
    if (time.toDays() > 0) {
      return time.toDays() + " d " + time.toHoursPart() + " h";
    }
    if (time.toHours() > 0) {
      return time.toHours() + " h " + time.toMinutesPart() + " min";
    }
    if (time.toMinutes() > 0) {
      return time.toMinutes() + " min " + time.toSecondsPart() + " s";
    }
    return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
  }
}
