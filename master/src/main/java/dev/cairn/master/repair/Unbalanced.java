package dev.cairn.master.repair;

import dev.cairn.master.fleet.Candidate;
import dev.cairn.master.replica.ReplicaProperty;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Chunks with a replica that should be elsewhere, as one survey found them: some of them. */
final class Unbalanced {

  private static final int MOST = 4096;

  /** To look at so many takes some tenths of a second when no move helps any of them. */
  private static final int MOST_LOOKED_AT = 1 << 16;

  private final List<Candidate> servers;
  private final ReplicaProperty replicas;
  private final boolean uneven;
  private final boolean hasZones;
  private final Map<Integer, Candidate> byId = new HashMap<>();
  private final ChunkQueue found = new ChunkQueue();
  private int lookedAt;
  private int parts;

  /**
   * @param servers the servers heard of a moment ago that are not to be emptied
   */
  Unbalanced(List<Candidate> servers, ReplicaProperty replicas, boolean uneven) {
    this.servers = servers;
    this.replicas = replicas;
    this.uneven = uneven;
    this.hasZones = Balance.zones(servers) > 1;
    servers.forEach(server -> byId.put(server.server(), server));
  }

  boolean isUneven() {
    return uneven;
  }

  /** Whether there may be anything to find. */
  boolean isNeeded() {
    return uneven || hasZones;
  }

  /** Whether the chunks of another part are to be shown. */
  boolean wantsAnother() {
    return isNeeded() && found.size() < MOST && lookedAt < MOST_LOOKED_AT;
  }

  /** All chunks of a part were shown. */
  void partEnds() {
    parts++;
  }

  /** How many parts of all chunks were looked at. */
  int parts() {
    return parts;
  }

  /**
   * A chunk with as many good replicas as wanted, each where it may stay.
   *
   * @param holders servers with a replica, good or not
   */
  void consider(long chunk, int wanted, int[] holders) {
    lookedAt++;
    List<Candidate> known = new ArrayList<>(holders.length);
    Set<Integer> out = new HashSet<>();
    for (int holder : holders) {
      out.add(holder);
      Candidate server = byId.get(holder);
      if (server != null && replicas.holds(chunk, holder)) {
        known.add(server);
      }
    }
    // Nearly all chunks of an even cluster end here, without any other server being looked at.
    if (known.size() != wanted || (!uneven && Balance.zones(known) == known.size())) {
      return;
    }
    List<Candidate> others = new ArrayList<>(servers);
    others.removeIf(server -> out.contains(server.server()));
    if (Balance.move(known, others, 0, uneven).isPresent()) {
      found.add(chunk);
    }
  }

  ChunkQueue chunks() {
    return found;
  }
}
