package dev.cairn.rpc.command;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Known words that somebody may have meant who wrote another one. */
final class Alike {

  private Alike() {}

  /** The nearest of the words, when they are near enough; in their order. */
  static List<String> of(String word, Collection<String> known) {
    int most = word.length() <= 3 ? 1 : word.length() <= 6 ? 2 : 3;
    int nearest = most + 1;
    List<String> alike = new ArrayList<>();
    String lower = word.toLowerCase(Locale.ROOT);
    for (String candidate : known) {
      int distance = distance(lower, candidate);
      if (distance < nearest) {
        nearest = distance;
        alike.clear();
      }
      if (distance == nearest && distance <= most && distance < candidate.length()) {
        alike.add(candidate);
      }
    }
    return alike;
  }

  /**
   * The least number of letters put in, left out, changed or swapped with the next one that makes
   * one word of the other (optimal string alignment).
   */
  static int distance(String one, String other) {
    int[][] least = new int[one.length() + 1][other.length() + 1];
    for (int i = 0; i <= one.length(); i++) {
      for (int j = 0; j <= other.length(); j++) {
        if (i == 0 || j == 0) {
          least[i][j] = i + j;
          continue;
        }
        int change = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
        int best = Math.min(least[i - 1][j], least[i][j - 1]) + 1;
        best = Math.min(best, least[i - 1][j - 1] + change);
        boolean swapped =
            i > 1
                && j > 1
                && one.charAt(i - 1) == other.charAt(j - 2)
                && one.charAt(i - 2) == other.charAt(j - 1);
        least[i][j] = swapped ? Math.min(best, least[i - 2][j - 2] + 1) : best;
      }
    }
    return least[one.length()][other.length()];
  }
}
