package dev.cairn.master.repair;

/**
 * How urgent it is that a chunk gets another replica.
 *
 * <p>What counts is how many servers may still die before bytes are lost: a chunk with one good
 * replica left comes before all with two, whatever their replication factors. Chunks whose replicas
 * are all there, but some on servers that are to be emptied, come last.
 */
final class Urgency {

  /** Levels there are; 0 is the most urgent. */
  static final int LEVELS = 4;

  /** Nothing is to be done, or nothing can be. */
  static final int NONE = -1;

  private static final int MOVE = LEVELS - 1;

  private Urgency() {}

  /**
   * @param good replicas that can be read, leaving ones included
   * @param leaving good replicas on servers that are to be emptied
   */
  static int of(int wanted, int good, int leaving) {
    if (good == 0 || good - leaving >= wanted) {
      return NONE;
    }
    return good >= wanted ? MOVE : Math.min(good, MOVE) - 1;
  }

  /** Whether replicas are missing, rather than in the wrong place. */
  static boolean isRepair(int level) {
    return level != NONE && level != MOVE;
  }
}
