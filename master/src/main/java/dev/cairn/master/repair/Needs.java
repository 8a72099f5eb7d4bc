package dev.cairn.master.repair;

import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Layout.Meta;

/** Counts what a dead server may be needed for. */
final class Needs implements ReplicaMap.Survey {

  private final int server;
  private final ReplicaMap replicas;
  private long readable;
  private long counting;

  private Needs(int server, ReplicaMap replicas) {
    this.server = server;
    this.replicas = replicas;
  }

  /**
   * Why a server cannot be done without, in words; empty when it can. It is needed while it lives,
   * and while it holds, or may hold, replicas of chunks that have too few elsewhere.
   */
  static String of(int server, Fleet fleet, ReplicaMap replicas, MetadataView latest) {
    if (fleet.lives(server)) {
      return "it is alive: drain it, and stop it when it is drained";
    }
    if (!fleet.isDead(server) || !fleet.allReported()) {
      return "chunk servers have yet to say which chunks they hold; try again in a minute";
    }
    Needs needs = new Needs(server, replicas);
    for (int part = 0; part < ReplicaMap.PARTS; part++) {
      replicas.survey(part, needs);
    }
    long missing = latest.number(Meta.CHUNK_COUNT) - needs.readable;
    if (missing > 0) {
      return missing + " chunks have no replica on a living chunk server, and it may hold them";
    }
    return needs.counting == 0
        ? ""
        : needs.counting + " chunks it holds have too few replicas elsewhere: see 'cairn status'";
  }

  @Override
  public void chunk(long chunk, int wanted, int good, int leaving) {
    readable += good > 0 ? 1 : 0;
    if (good < wanted && replicas.holds(chunk, server)) {
      counting++;
    }
  }
}
