package dev.cairn.master.command;

import dev.cairn.master.decide.CommitDecider;
import dev.cairn.master.decide.Decision;
import dev.cairn.master.log.Command;
import dev.cairn.master.record.proto.Grant;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.ReplicasWritten;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.CommitReply;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.WrittenChunk;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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
    List<WrittenChunk> written = written(view);
    Decision<CommitReply> decision = committing.commit(view, request, now);
    List<Record> records = new ArrayList<>(decision.records());
    Set<Long> discarded = new HashSet<>();
    for (Record record : decision.records()) {
      discarded.addAll(record.getChunksDiscarded().getIdsList());
    }
    for (WrittenChunk chunk : written) {
      long id = chunk.getChunkId();
      ChunkRow before = view.chunk(id);
      // What is garbage now is garbage wherever there is some of it.
      boolean grown =
          before != null && before.length() < chunk.getLength() && !discarded.contains(id);
      records.add(
          Record.newBuilder()
              .setReplicasWritten(
                  ReplicasWritten.newBuilder()
                      .setChunk(id)
                      .addAllServers(chunk.getServerIdsList())
                      .setGrown(grown))
              .build());
    }
    return new Decision<>(records, decision.reply());
  }

  /**
   * The chunks of the commit that its session may write: of no other is believed where it is.
   *
   * @throws CairnException {@code INVALID} when a server is named that was none to write to
   */
  private List<WrittenChunk> written(MetadataView view) throws CairnException {
    List<WrittenChunk> written = new ArrayList<>();
    for (WrittenChunk chunk : request.getChunksList()) {
      long id = chunk.getChunkId();
      Grant grant = view.grantOf(request.getContext().getSessionId(), id);
      if (grant == null) {
        continue;
      }
      for (int server : chunk.getServerIdsList()) {
        if (!grant.getServersList().contains(server) && !replicas.holds(id, server)) {
          throw ErrorCode.INVALID.because(
              "chunk " + id + " was not to be written to chunk server " + server);
        }
      }
      written.add(chunk);
    }
    return written;
  }
}
