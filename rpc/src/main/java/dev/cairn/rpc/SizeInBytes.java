package dev.cairn.rpc;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes as users write it: decimal, with K, M, G or T for powers of 1024. */
public final class SizeInBytes {

  private static final String SUFFIXES = "KMGT";
  private static final Pattern TEXT = Pattern.compile("([0-9]+)\\s*(?:([KMGT])(?:I?B)?)?");

  private SizeInBytes() {}

  /**
   * Reads {@code 2048}, {@code 2K}, {@code 64M}, {@code 64MiB}, {@code 1GB}; all units are powers
   * of 1024.
   *
   * @throws IllegalArgumentException with a sentence for the user when the text is not of that form
   */
  public static long parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip().toUpperCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is not a size: write a number of bytes, or one with a unit like 64K, 16M,"
              + " 1G or 2T");
    }
    int unit = matcher.group(2) == null ? 0 : 1 + SUFFIXES.indexOf(matcher.group(2));
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << (10 * unit));
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not a size: it is too large", e);
    }
  }

  /** Shows a size with the largest unit that leaves at least 1, to one decimal. */
  public static String show(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
    if (unit > SUFFIXES.length()) {
      unit = SUFFIXES.length();
    }
    double value = bytes / (double) (1L << (10 * unit));
    return String.format(Locale.ROOT, "%.1f %siB", value, SUFFIXES.charAt(unit - 1));
  }
}
