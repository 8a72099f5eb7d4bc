package dev.cairn.master.repair;

import dev.cairn.master.fleet.Candidate;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Chooses which of a chunk's good replicas goes when there are more than there should be.
 *
 * <p>First one in a zone with another replica, so that the chunk stays spread over as many zones as
 * before; among those, the one on the server with the smallest part of its room free.
 */
final class Spare {

  private Spare() {}

  /**
   * Answers a server.
   *
   * @param holders of the good replicas, at least one
   */
  static int choose(List<Candidate> holders) {
    Map<String, Integer> perZone = new HashMap<>();
    holders.forEach(holder -> perZone.merge(holder.zone(), 1, Integer::sum));
    return holders.stream()
        .min(
            Comparator.<Candidate>comparingInt(holder -> perZone.get(holder.zone()) > 1 ? 0 : 1)
                .thenComparingDouble(
                    holder -> (double) holder.freeBytes() / Math.max(1, holder.totalBytes())))
        .orElseThrow()
        .server();
  }
}
