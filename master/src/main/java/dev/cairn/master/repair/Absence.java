package dev.cairn.master.repair;

import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.replica.ReplicaMap;
import java.util.BitSet;

/**
 * The replicas on servers that are away for maintenance, which come back with them.
 *
 * <p><b>Goal</b>: a reboot that was announced copies nothing. A chunk that lacks more than the
 * servers in maintenance may hold is copied at once, until it lacks no more than that.
 *
 * <p><b>Algorithm</b>: A server that was there since the master started counts for the chunks it
 * had then. One that was away all the time may hold any chunk, and counts for each.
 */
final class Absence {

  private final BitSet known;
  private final int unknown;
  private final ReplicaMap replicas;

  Absence(Fleet.Maintained away, ReplicaMap replicas) {
    this.known = away.known();
    this.unknown = away.unknown();
    this.replicas = replicas;
  }

  /** No server is in maintenance. */
  static Absence none(ReplicaMap replicas) {
    return new Absence(new Fleet.Maintained(new BitSet(), 0), replicas);
  }

  /** How many replicas of the chunk are, or may be, on servers in maintenance that are away. */
  int replicas(long chunk) {
    int absent = unknown;
    if (!known.isEmpty()) {
      for (int server : replicas.holders(chunk)) {
        absent += known.get(server) ? 1 : 0;
      }
    }
    return absent;
  }
}
