package dev.cairn.rpc;

import java.time.Duration;

/** For how long a lease may be taken. */
public final class LeaseTerm {

  /** Where none is said. */
  public static final Duration DEFAULT = Duration.ofSeconds(60);

  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofHours(24);

  private LeaseTerm() {}

  /**
   * Reads a term as people write it.
   *
   * @throws IllegalArgumentException with a sentence for the user
   */
  public static Duration parse(String text) {
    return checked(TimeText.parse(text));
  }

  /** The term, unless it is too short or too long. */
  public static Duration checked(Duration term) {
    if (term.compareTo(SHORTEST) < 0 || term.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "a lease is taken for 1s to 24h, not " + TimeText.show(term));
    }
    return term;
  }
}
