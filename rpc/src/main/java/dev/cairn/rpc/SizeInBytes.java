package dev.cairn.rpc;

import java.util.Locale;

/** A number of bytes as users write it: decimal, with K, M, G or T for powers of 1024. */
public final class SizeInBytes {

  private static final String SUFFIXES = "KMGT";

  private SizeInBytes() {}

  /**
   * Reads {@code 2048}, {@code 2K}, {@code 64M}, {@code 64MiB}, {@code 1GB}; all units are powers
   * of 1024.
   *
   * @throws IllegalArgumentException with a sentence for the user when the text is not of that form
   */
  public static long parse(String text) {
    String s = text.strip().toUpperCase(Locale.ROOT);
    String number = s;
    int shift = 0;
    for (String tail : new String[] {"IB", "B", ""}) {
      String head = s.endsWith(tail) ? s.substring(0, s.length() - tail.length()) : "";
      int unit = head.isEmpty() ? -1 : SUFFIXES.indexOf(head.charAt(head.length() - 1));
      if (unit >= 0) {
        number = head.substring(0, head.length() - 1);
        shift = 10 * (unit + 1);
        break;
      }
    }
    try {
      return Math.multiplyExact(Long.parseLong(number.strip()), 1L << shift);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a size: write a number of bytes, or one with K, M, G or T", e);
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
