package dev.cairn.master.command;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.ServerDecider;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.log.Command;
import dev.cairn.master.record.proto.ChunkServer;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.RegisterRequest;

/** Takes a process as the chunk server that it says it is. */
public final class RegisterServer implements Command<ChunkServer> {

  private final Fleet fleet;
  private final ReplicaMap replicas;
  private final Time time;
  private final RegisterRequest request;

  public RegisterServer(Fleet fleet, ReplicaMap replicas, Time time, RegisterRequest request) {
    this.fleet = fleet;
    this.replicas = replicas;
    this.time = time;
    this.request = request;
  }

  @Override
  public Decision<ChunkServer> decide(MetadataView view, long now) throws CairnException {
    Decision<ChunkServer> decision = ServerDecider.register(view, request);
    fleet.checkSecond(decision.reply(), request.getIncarnation(), time.ticks());
    return decision;
  }

  @Override
  public void granted(ChunkServer server) {
    replicas.serverRegistered(server.getId());
    fleet.registered(server, request.getDisksList(), request.getIncarnation(), time.ticks());
  }
}
