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
import dev.cairn.rpc.proto.MaintainReply;
import dev.cairn.rpc.proto.MaintainRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Has chunk servers emptied or maintained, and takes those off the list that are gone for good. */
public final class DrainDecider {

  /** Long enough to repair a machine; after that its chunks are copied. */
  private static final Duration LONGEST_MAINTENANCE = Duration.ofHours(24);

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
   * Announces that a server will be away for a time that begins now, or ends the announcement.
   *
   * @param now nanoseconds since 1970
   */
  public static Decision<MaintainReply> maintain(
      MetadataView view, MaintainRequest request, long now) throws CairnException {
    ChunkServer server = server(view, request.getServerId());
    long millis = request.getForMillis();
    if (millis < 0 || millis > LONGEST_MAINTENANCE.toMillis()) {
      throw ErrorCode.INVALID.because(
          "a maintenance lasts at most " + LONGEST_MAINTENANCE.toHours() + " h");
    }
    long until = millis == 0 ? 0 : now + Duration.ofMillis(millis).toNanos();
    if (server.getMaintenanceUntil() == until) {
      return Decision.replyOnly(MaintainReply.getDefaultInstance());
    }
    ChunkServer changed = server.toBuilder().setMaintenanceUntil(until).build();
    return new Decision<>(
        List.of(Record.newBuilder().setServerChanged(changed).build()),
        MaintainReply.getDefaultInstance());
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
