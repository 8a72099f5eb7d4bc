package dev.cairn.master.command;

import dev.cairn.master.decide.Defaults;
import dev.cairn.master.fleet.Candidate;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.fleet.Placement;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.ServerAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** The servers that clients are to write to. */
public final class Chains {

  private final Fleet fleet;
  private final ReplicaMap replicas;
  private final Placement placement;
  private final Time time;
  private final Defaults defaults;

  public Chains(
      Fleet fleet, ReplicaMap replicas, Placement placement, Time time, Defaults defaults) {
    this.fleet = fleet;
    this.replicas = replicas;
    this.placement = placement;
    this.time = time;
    this.defaults = defaults;
  }

  /** The servers for new chunks. */
  List<ServerAddress> ofNewChunks(AllocateChunksRequest request) throws CairnException {
    int wanted = request.getReplicas() == 0 ? defaults.replicas() : request.getReplicas();
    List<Candidate> living = fleet.candidates(time.ticks());
    if (living.size() < wanted && fleet.awaitsSome()) {
      throw ErrorCode.STARTING.because(
          "the master has just started and waits for its chunk servers");
    }
    List<Integer> servers =
        placement.choose(
            living,
            wanted,
            new HashSet<>(request.getAvoidServersList()),
            request.getExpectedBytes());
    List<ServerAddress> chain = new ArrayList<>();
    for (int server : servers) {
      chain.add(fleet.address(server));
    }
    return chain;
  }

  /** The servers that can go on with a chunk: they hold all of it, and may get more. */
  List<ServerAddress> ofChunk(long chunk) throws CairnException {
    List<ServerAddress> holders = new ArrayList<>();
    for (int server : replicas.good(chunk)) {
      if (replicas.counts(chunk, server) && !fleet.isDraining(server)) {
        holders.add(fleet.address(server));
      }
    }
    return holders;
  }

  /** How many servers may get replicas. */
  int candidates() {
    return fleet.candidates(time.ticks()).size();
  }
}
