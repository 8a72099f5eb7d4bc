package dev.cairn.master.decide;

import dev.cairn.master.record.proto.ChunkServer;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.ReplicaName;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.DrainReply;
import dev.cairn.rpc.proto.DrainRequest;
import dev.cairn.rpc.proto.ForgetReply;
import java.util.ArrayList;
import java.util.List;

/** Has chunk servers emptied, and takes those off the list that are gone for good. */
public final class DrainDecider {

  private DrainDecider() {}

  /** Marks a server as one to be emptied, or takes the mark away; done twice is done once. */
  public static Decision<DrainReply> drain(MetadataView view, DrainRequest request)
      throws CairnException {
    ChunkServer server = server(view, request.getServerId());
    if (server.getDraining() == request.getDraining()) {
      return Decision.replyOnly(DrainReply.getDefaultInstance());
    }
    ChunkServer changed = server.toBuilder().setDraining(request.getDraining()).build();
    return new Decision<>(
        List.of(Record.newBuilder().setServerChanged(changed).build()),
        DrainReply.getDefaultInstance());
  }

  /**
   * Removes a server. Its number is never given out again: should it come back, it gets another.
   *
   * @param needed why the server cannot be done without; empty when it can
   */
  public static Decision<ForgetReply> forget(MetadataView view, int id, String needed)
      throws CairnException {
    ChunkServer server = server(view, id);
    if (!needed.isEmpty()) {
      throw ErrorCode.BUSY.because(
          "chunk server " + server.getId() + " cannot be forgotten: " + needed);
    }
    List<Record> records = new ArrayList<>();
    view.badReplicas(
        mark -> {
          if (mark.getServer() == id) {
            ReplicaName name =
                ReplicaName.newBuilder().setChunk(mark.getChunk()).setServer(id).build();
            records.add(Record.newBuilder().setBadReplicaForgotten(name).build());
          }
        });
    records.add(Record.newBuilder().setServerForgotten(id).build());
    return new Decision<>(records, ForgetReply.getDefaultInstance());
  }

  private static ChunkServer server(MetadataView view, int id) throws CairnException {
    ChunkServer server = view.server(id);
    if (server == null) {
      throw ErrorCode.NO_ENTRY.because("there is no chunk server " + id);
    }
    return server;
  }
}
