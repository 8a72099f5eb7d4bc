package dev.cairn.master.decide;

import dev.cairn.master.record.proto.ChunkServer;
import dev.cairn.master.record.proto.MarkedReplica;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.ReplicaName;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.rpc.ShownText;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.BadReplica;
import dev.cairn.rpc.proto.RegisterRequest;
import java.util.ArrayList;
import java.util.List;

/** Numbers chunk servers, and keeps the list of replicas that turned out to be bad. */
public final class ServerDecider {

  /** Locations are kept in memory with so many bits per server. */
  public static final int MAX_SERVERS = (1 << 14) - 1;

  private static final int MAX_REASON = 500;

  private ServerDecider() {}

  /** Gives a server the number it has had before, or a new one. */
  public static Decision<ChunkServer> register(MetadataView view, RegisterRequest request)
      throws CairnException {
    String cluster = view.text(Meta.CLUSTER_ID);
    if (!request.getClusterId().isEmpty() && !request.getClusterId().equals(cluster)) {
      throw ErrorCode.OTHER_CLUSTER.because(
          "the chunk server belongs to cluster "
              + request.getClusterId()
              + ", and the master is of cluster "
              + cluster
              + ": is the master's data directory the right one? If that is lost, 'cairn restore'"
              + " makes it of a backup");
    }
    ServerClaims.check(request);
    ChunkServer[] known = {null};
    view.servers(
        server -> {
          if (server.getUuid().equals(request.getServerUuid())) {
            known[0] = server;
          }
        });
    ChunkServer server =
        ChunkServer.newBuilder()
            .setId(known[0] == null ? newId(view) : known[0].getId())
            .setUuid(request.getServerUuid())
            .setHost(request.getHost())
            .setDataPort(request.getDataPort())
            .setZone(request.getZone())
            .setVersion(request.getVersion())
            .setDraining(known[0] != null && known[0].getDraining())
            .setMaintenanceUntil(known[0] == null ? 0 : known[0].getMaintenanceUntil())
            .build();
    if (server.equals(known[0])) {
      return Decision.replyOnly(server);
    }
    return new Decision<>(List.of(Record.newBuilder().setServerRegistered(server).build()), server);
  }

  private static int newId(MetadataView view) throws CairnException {
    long id = Math.max(1, view.number(Meta.NEXT_SERVER));
    if (id > MAX_SERVERS) {
      throw ErrorCode.INVALID.because("a cluster has at most " + MAX_SERVERS + " chunk servers");
    }
    return (int) id;
  }

  /** Marks replicas of a server as bad; answers those that were not before. */
  public static Decision<List<MarkedReplica>> mark(
      MetadataView view, int server, List<BadReplica> replicas, long now) {
    List<Record> records = new ArrayList<>();
    List<MarkedReplica> marked = new ArrayList<>();
    for (BadReplica replica : replicas) {
      if (view.chunk(replica.getChunkId()) == null
          || view.badReplica(replica.getChunkId(), server) != null) {
        continue;
      }
      MarkedReplica mark =
          MarkedReplica.newBuilder()
              .setChunk(replica.getChunkId())
              .setServer(server)
              .setReason(ShownText.of(replica.getReason(), MAX_REASON))
              .setReportedAt(now)
              .build();
      marked.add(mark);
      records.add(Record.newBuilder().setBadReplicaMarked(mark).build());
    }
    return new Decision<>(records, marked);
  }

  /** Takes marks away from replicas that are gone. */
  public static Decision<Boolean> forget(MetadataView view, int server, List<Long> chunks) {
    List<Record> records = new ArrayList<>();
    for (long chunk : chunks) {
      if (view.badReplica(chunk, server) != null) {
        ReplicaName name = ReplicaName.newBuilder().setChunk(chunk).setServer(server).build();
        records.add(Record.newBuilder().setBadReplicaForgotten(name).build());
      }
    }
    return new Decision<>(records, !records.isEmpty());
  }
}
