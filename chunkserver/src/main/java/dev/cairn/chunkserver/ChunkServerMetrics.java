package dev.cairn.chunkserver;

import dev.cairn.chunkserver.data.DataPort;
import dev.cairn.chunkserver.scrub.Scrubber;
import dev.cairn.chunkserver.store.DiskReport;
import dev.cairn.chunkserver.store.LocalChunkStore;
import dev.cairn.rpc.metrics.Samples;
import dev.cairn.rpc.metrics.Source;

/** The metrics of a chunk server. */
record ChunkServerMetrics(LocalChunkStore store, DataPort port, Scrubber scrubber)
    implements Source {

  @Override
  public void collect(Samples into) {
    port(into);
    store(into);
    store.disks().forEach(disk -> disk(disk, into));
    scrub(into);
  }

  private void port(Samples into) {
    into.operations("cairn_chunkserver_request", "request", "request", port.meter().operations());
    into.counter(
        "cairn_chunkserver_read_bytes_total",
        "Bytes that were sent to clients and other servers, whole blocks.",
        port.meter().readBytes().sum());
    into.counter(
        "cairn_chunkserver_appended_bytes_total",
        "Bytes that were taken for chunks.",
        port.meter().appendedBytes().sum());
    into.gauge(
        "cairn_chunkserver_connections",
        "Number of connections at the data port.",
        port.openConnections());
    into.gauge(
        "cairn_chunkserver_buffer_used_bytes",
        "Bytes of the data port's buffers that are in use.",
        port.lentBytes());
    into.gauge(
        "cairn_chunkserver_buffer_limit_bytes",
        "Bytes that these buffers may take: beyond them, requests wait.",
        port.bufferBytes());
  }

  private void store(Samples into) {
    into.gauge("cairn_chunkserver_chunks", "Number of replicas on this server.", store.count());
    into.latency(
        "cairn_chunkserver_sync_duration_seconds",
        "Time to force a file or a directory to its disk.",
        store.syncs());
  }

  private static void disk(DiskReport disk, Samples into) {
    String label = "disk";
    into.gauge(
        "cairn_disk_failed",
        "1 if the data directory is not used since its disk failed.",
        disk.failure().isEmpty() ? 0 : 1,
        label,
        disk.path());
    into.gauge(
        "cairn_disk_total_bytes",
        "Size of the filesystem of the data directory.",
        disk.totalBytes(),
        label,
        disk.path());
    into.gauge(
        "cairn_disk_free_bytes",
        "Bytes that chunks may still take, without the reserve.",
        disk.freeBytes(),
        label,
        disk.path());
    into.gauge(
        "cairn_disk_used_bytes",
        "Bytes that Cairn's data takes, the quarantine included.",
        disk.heldBytes(),
        label,
        disk.path());
    into.gauge(
        "cairn_disk_quarantined_bytes",
        "Bytes that the quarantine takes.",
        disk.quarantinedBytes(),
        label,
        disk.path());
    into.gauge(
        "cairn_disk_quarantined_chunks",
        "Number of replicas in the quarantine.",
        disk.quarantinedChunks(),
        label,
        disk.path());
  }

  private void scrub(Samples into) {
    into.counter(
        "cairn_scrub_checked_bytes_total",
        "Bytes that the scrubber read and checked.",
        scrubber.checkedBytes().sum());
    into.counter(
        "cairn_scrub_damaged_chunks_total",
        "Number of replicas that the scrubber found damaged.",
        scrubber.damagedChunks().sum());
    into.gauge(
        "cairn_scrub_progress_ratio",
        "Part of all chunks that this pass of the scrubber has checked, 0 to 1.",
        scrubber.status().getPermille() / 1000.0);
    into.gauge(
        "cairn_scrub_last_pass_timestamp_seconds",
        "When all chunks were checked last, in seconds since 1970; 0: never.",
        scrubber.status().getLastPassEnded() / 1e9);
  }
}
