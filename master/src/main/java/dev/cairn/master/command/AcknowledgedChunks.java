package dev.cairn.master.command;

import dev.cairn.master.record.proto.Grant;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.ReplicasWritten;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.WrittenChunk;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a client says of the servers that acknowledged chunks, as far as it is believed. */
final class AcknowledgedChunks {

  private final List<WrittenChunk> believed = new ArrayList<>();

  /**
   * Believes of chunks that the session may write, and of no other, where they are.
   *
   * @throws CairnException {@code INVALID} when a server is named that was none to write to
   */
  AcknowledgedChunks(
      MetadataView view, ReplicaMap replicas, long session, List<WrittenChunk> chunks)
      throws CairnException {
    for (WrittenChunk chunk : chunks) {
      long id = chunk.getChunkId();
      Grant grant = view.grantOf(session, id);
      if (grant == null) {
        continue;
      }
      for (int server : chunk.getServerIdsList()) {
        if (!grant.getServersList().contains(server) && !replicas.holds(id, server)) {
          throw ErrorCode.INVALID.because(
              "chunk " + id + " was not to be written to chunk server " + server);
        }
      }
      believed.add(chunk);
    }
  }

  /**
   * The records of a decision, and those that say where the chunks are.
   *
   * @param view that the decision was made from
   */
  List<Record> with(List<Record> decided, MetadataView view) {
    List<Record> records = new ArrayList<>(decided);
    Set<Long> discarded = new HashSet<>();
    for (Record record : decided) {
      discarded.addAll(record.getChunksDiscarded().getIdsList());
    }
    for (WrittenChunk chunk : believed) {
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
    return records;
  }
}
