package dev.cairn.master.command;

import dev.cairn.master.decide.CommitDecider;
import dev.cairn.master.decide.Decision;
import dev.cairn.master.log.Command;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.CommitReply;
import dev.cairn.rpc.proto.CommitRequest;

/** Puts what a client wrote into a file, and records which servers have it. */
public final class Commit implements Command<CommitReply> {

  private final CommitDecider committing;
  private final ReplicaMap replicas;
  private final CommitRequest request;

  public Commit(CommitDecider committing, ReplicaMap replicas, CommitRequest request) {
    this.committing = committing;
    this.replicas = replicas;
    this.request = request;
  }

  @Override
  public Decision<CommitReply> decide(MetadataView view, long now) throws CairnException {
    AcknowledgedChunks acknowledged =
        new AcknowledgedChunks(
            view, replicas, request.getContext().getSessionId(), request.getChunksList());
    Decision<CommitReply> decision = committing.commit(view, request, now);
    return new Decision<>(acknowledged.with(decision.records(), view), decision.reply());
  }
}
