package dev.cairn.master.command;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.SealDecider;
import dev.cairn.master.log.Command;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.SealReply;
import dev.cairn.rpc.proto.SealRequest;
import java.util.List;

/** Seals a chunk, and records which servers have all of it. */
public final class Seal implements Command<SealReply> {

  private final ReplicaMap replicas;
  private final SealRequest request;

  public Seal(ReplicaMap replicas, SealRequest request) {
    this.replicas = replicas;
    this.request = request;
  }

  @Override
  public Decision<SealReply> decide(MetadataView view, long now) throws CairnException {
    AcknowledgedChunks acknowledged =
        new AcknowledgedChunks(
            view, replicas, request.getContext().getSessionId(), List.of(request.getChunk()));
    Decision<SealReply> decision = SealDecider.seal(view, request, now);
    return new Decision<>(acknowledged.with(decision.records(), view), decision.reply());
  }
}
