package dev.cairn.master.repair;

import dev.cairn.master.fleet.Candidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Decides which replicas move for the sake of balance, when nothing is missing.
 *
 * <p><b>Goals</b>: two replicas of a chunk are in different zones where that can be; servers are
 * filled alike, so that a new one takes its part of the load and none is full before the others.
 * And it comes to rest: moving costs bandwidth, and replicas that wander help nobody.
 *
 * <p><b>Algorithm</b>: A move is a copy to another server, after which there is a replica too many,
 * and {@link Spare} chooses which one goes. So what a move comes to can be said beforehand: the
 * spare among the holders and the new one. When that leaves the chunk in more zones than before it
 * is worth it, whatever the servers hold. Otherwise it has to even them out: servers count as
 * uneven when the fullest is {@link #BEGINS} fuller than the emptiest (in parts of their disks),
 * and until they are within {@link #ENDS}; a replica moves only between servers further apart than
 * that, and only if its new place is not fuller afterwards than the old one. No move takes a zone
 * away.
 *
 * <p>The two bounds are the hysteresis: what writing and deleting do to a cluster at rest does not
 * begin it anew.
 */
final class Balance {

  /** How far apart servers are before anything moves. */
  static final double BEGINS = 0.10;

  /** How far apart they are when they count as even. */
  static final double ENDS = 0.05;

  /** Another replica goes to a server, and the one on another goes then. */
  record Move(int from, int to) {}

  private Balance() {}

  /** The part of the server's disks that is used. */
  static double fill(Candidate server) {
    return server.totalBytes() == 0 ? 1 : 1 - (double) server.freeBytes() / server.totalBytes();
  }

  /** Whether servers are to be evened out. */
  static boolean isUneven(List<Candidate> servers, boolean before) {
    double most = servers.stream().mapToDouble(Balance::fill).max().orElse(0);
    double least = servers.stream().mapToDouble(Balance::fill).min().orElse(0);
    return most - least > (before ? ENDS : BEGINS);
  }

  /**
   * The best move of a chunk's replica, if there is one.
   *
   * @param holders of all its replicas
   * @param others the servers without one
   * @param uneven servers are to be evened out
   */
  static Optional<Move> move(
      List<Candidate> holders, List<Candidate> others, int length, boolean uneven) {
    List<Candidate> emptiestFirst = new ArrayList<>(others);
    emptiestFirst.removeIf(to -> to.freeBytes() - Site.reserved(to) < length);
    emptiestFirst.sort(Comparator.comparingDouble(Balance::fill));
    Optional<Move> evening = Optional.empty();
    for (Candidate to : emptiestFirst) {
      List<Candidate> all = new ArrayList<>(holders);
      all.add(to);
      int spare = Spare.choose(all);
      if (spare == to.server()) {
        continue;
      }
      Candidate from = all.stream().filter(c -> c.server() == spare).findFirst().orElseThrow();
      all.remove(from);
      if (zones(all) > zones(holders)) {
        return Optional.of(new Move(spare, to.server()));
      }
      if (uneven && evening.isEmpty() && evens(from, to, length)) {
        evening = Optional.of(new Move(spare, to.server()));
      }
    }
    return evening;
  }

  private static boolean evens(Candidate from, Candidate to, int length) {
    double fromAfter = fill(from) - (double) length / from.totalBytes();
    double toAfter = fill(to) + (double) length / to.totalBytes();
    return fill(from) - fill(to) > ENDS && toAfter <= fromAfter;
  }

  /** How many zones servers are in. */
  static long zones(List<Candidate> servers) {
    return servers.stream().map(Candidate::zone).distinct().count();
  }
}
