package dev.cairn.master.metrics;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.metrics.Samples;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.DiskStatus;

/** A chunk server as the master knows it, with its number and address as labels. */
final class ServerMetrics {

  private ServerMetrics() {}

  static void collect(ChunkServerStatus server, Samples into) {
    String[] labels = {
      "server",
      Integer.toString(server.getServerId()),
      "address",
      new HostPort(server.getHost(), server.getDataPort()).toString()
    };
    into.gauge(
        "cairn_server_alive",
        "1 if the chunk server lives, 0 if the master counts it as dead.",
        server.getAlive() ? 1 : 0,
        labels);
    into.gauge(
        "cairn_server_heartbeat_age_seconds",
        "Time since the master heard of the chunk server last.",
        server.getSilentMillis() / 1000.0,
        labels);
    into.gauge(
        "cairn_server_in_maintenance",
        "1 during the announced maintenance of the chunk server.",
        server.getMaintenanceLeftMillis() > 0 ? 1 : 0,
        labels);
    into.gauge(
        "cairn_server_chunks", "Number of replicas on the server.", server.getChunks(), labels);
    into.gauge(
        "cairn_server_space_total_bytes",
        "Size of the server's disks that work.",
        server.getSpace().getTotalBytes(),
        labels);
    into.gauge(
        "cairn_server_space_free_bytes",
        "Bytes of these disks that chunks may still take.",
        server.getSpace().getFreeBytes(),
        labels);
    into.gauge(
        "cairn_server_space_used_bytes",
        "Bytes of these disks that chunks take.",
        server.getSpace().getHeldBytes(),
        labels);
    into.gauge(
        "cairn_server_failed_disks",
        "Number of the server's disks that are not used since they failed.",
        server.getDisksList().stream().filter(ServerMetrics::hasFailed).count(),
        labels);
    into.gauge(
        "cairn_server_draining",
        "1 while the server is to be emptied.",
        server.getDraining() ? 1 : 0,
        labels);
    if (server.getDraining()) {
      into.gauge(
          "cairn_server_drain_chunks_left",
          "Number of chunks of the server that have too few replicas elsewhere.",
          server.getDrain().getChunksLeft(),
          labels);
    }
  }

  private static boolean hasFailed(DiskStatus disk) {
    return !disk.getFailure().isEmpty();
  }
}
