package dev.cairn.master.repair;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Chooses the server that gets a new replica of a chunk.
 *
 * <p><b>Goals</b>: no two replicas of a chunk share a server, nor a zone where another one has
 * room; servers fill up at the same rate; all of them take part, so that a large repair is fast.
 *
 * <p><b>Algorithm</b>: Servers that hold the chunk, in whatever state, and those without room are
 * out. If any of the others is in a zone without a replica, only such are looked at. Of these,
 * those that have all the orders they may have are passed over for now; among the rest one is drawn
 * with a probability proportional to its free space.
 */
final class CopyTarget {

  /** What came of choosing. */
  enum Outcome {
    CHOSEN,
    /** There is one, when it has done some of what it was ordered to. */
    LATER,
    /** No server can take the replica. */
    NOWHERE,
    /** There is nothing to copy, or nothing to copy from. */
    NEEDLESS
  }

  /**
   * @param site null unless one was chosen
   */
  record Choice(Outcome outcome, Site site) {}

  private CopyTarget() {}

  /**
   * A server whose own replica is bad, and is replaced there: the last resort, when all servers
   * hold a replica of the chunk already.
   *
   * @param bad the servers with bad replicas
   */
  static Choice replaceBad(List<Site> sites, Set<Integer> bad, int length) {
    boolean later = false;
    for (Site site : sites) {
      if (bad.contains(site.id()) && site.freeBytes() >= length) {
        if (site.isIdle(length)) {
          return new Choice(Outcome.CHOSEN, site);
        }
        later = true;
      }
    }
    return new Choice(later ? Outcome.LATER : Outcome.NOWHERE, null);
  }

  /**
   * What comes of choosing at best, whatever the chunk's length.
   *
   * @param holders servers with a replica, good or not
   */
  static Outcome atBest(List<Site> sites, Set<Integer> holders) {
    Outcome best = Outcome.NOWHERE;
    for (Site site : sites) {
      if (!holders.contains(site.id()) && site.freeBytes() > 0) {
        if (site.isIdle(1)) {
          return Outcome.CHOSEN;
        }
        best = Outcome.LATER;
      }
    }
    return best;
  }

  /**
   * @param holders servers with a replica, good or not
   * @param zones of the good replicas that stay
   */
  static Choice choose(
      List<Site> sites,
      Set<Integer> holders,
      Set<String> zones,
      int length,
      RandomGenerator random) {
    List<Site> roomy = new ArrayList<>();
    List<Site> elsewhere = new ArrayList<>();
    for (Site site : sites) {
      if (!holders.contains(site.id()) && site.freeBytes() >= length) {
        roomy.add(site);
        if (!zones.contains(site.zone())) {
          elsewhere.add(site);
        }
      }
    }
    List<Site> pool = elsewhere.isEmpty() ? roomy : elsewhere;
    if (pool.isEmpty()) {
      return new Choice(Outcome.NOWHERE, null);
    }
    pool.removeIf(site -> !site.isIdle(length));
    return pool.isEmpty()
        ? new Choice(Outcome.LATER, null)
        : new Choice(Outcome.CHOSEN, draw(pool, random));
  }

  private static Site draw(List<Site> pool, RandomGenerator random) {
    double sum = 0;
    for (Site site : pool) {
      sum += site.freeBytes();
    }
    double lot = random.nextDouble() * sum;
    for (Site site : pool) {
      lot -= site.freeBytes();
      if (lot < 0) {
        return site;
      }
    }
    return pool.get(pool.size() - 1);
  }
}
