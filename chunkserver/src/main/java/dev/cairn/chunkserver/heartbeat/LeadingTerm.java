package dev.cairn.chunkserver.heartbeat;

/**
 * Tells whether a master is to be obeyed: one that says it leads, in a term that is not lower than
 * any this process has heard of.
 *
 * <p>The highest term is kept in memory alone. A master says that it leads only while a majority of
 * the masters has just confirmed it, so a former leader gives no new orders. Orders that it gave
 * before may still arrive late, as answers to calls that are under way; these are what the term is
 * for. A process that has just started has no such calls, and hears of a newer leader, which it
 * registers at, before that one counts on its replicas.
 *
 * <p>Not safe for several threads.
 */
final class LeadingTerm {

  private boolean several;
  private long highest;

  /**
   * @param several whether there is more than one master
   */
  LeadingTerm(boolean several) {
    this.several = several;
  }

  void several(boolean now) {
    several = now;
  }

  /** Takes the word of a master; says whether its orders are to be obeyed. */
  boolean obeys(long term, boolean leading) {
    highest = Math.max(highest, term);
    return leads(term, leading) && term >= highest;
  }

  /** Whether a master takes itself for the leader; one that has no others need not say so. */
  boolean leads(long term, boolean leading) {
    return leading || (term == 0 && !several);
  }
}
