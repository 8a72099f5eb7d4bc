package dev.cairn.master.state;

import dev.cairn.master.record.proto.ChunkServer;
import dev.cairn.master.record.proto.MarkedReplica;
import dev.cairn.master.record.proto.ReplicaName;
import dev.cairn.master.store.Layout;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Table;

/** What records do to chunk servers and to replicas that are marked as bad. */
final class FleetRows {

  private final Overlay rows;
  private final Counters counters;

  FleetRows(Overlay rows, Counters counters) {
    this.rows = rows;
    this.counters = counters;
  }

  boolean registered(ChunkServer server) {
    counters.raise(Meta.NEXT_SERVER, server.getId() + 1L);
    return changed(server);
  }

  boolean changed(ChunkServer server) {
    rows.put(Table.SERVERS, Layout.u32(server.getId()), server.toByteArray());
    return true;
  }

  boolean forgotten(int server) {
    rows.delete(Table.SERVERS, Layout.u32(server));
    return true;
  }

  boolean marked(MarkedReplica replica) {
    rows.put(
        Table.BAD_REPLICAS,
        Layout.badReplicaKey(replica.getChunk(), replica.getServer()),
        replica.toByteArray());
    return true;
  }

  boolean forgotten(ReplicaName replica) {
    rows.delete(Table.BAD_REPLICAS, Layout.badReplicaKey(replica.getChunk(), replica.getServer()));
    return true;
  }
}
