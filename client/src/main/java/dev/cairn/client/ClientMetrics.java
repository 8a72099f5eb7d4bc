package dev.cairn.client;

import dev.cairn.client.file.OpenFiles;
import dev.cairn.rpc.metrics.Samples;
import dev.cairn.rpc.metrics.Source;
import java.util.concurrent.atomic.LongAdder;

/**
 * The metrics of a client: its files, buffers and caches.
 *
 * @param readBytes that were asked for
 * @param writtenBytes that were taken
 */
record ClientMetrics(OpenFiles files, long bufferBytes, LongAdder readBytes, LongAdder writtenBytes)
    implements Source {

  @Override
  public void collect(Samples into) {
    into.counter(
        "cairn_mount_read_bytes_total",
        "Bytes that the kernel asked for, to read them.",
        readBytes.sum());
    into.counter(
        "cairn_mount_written_bytes_total", "Bytes that the kernel wrote.", writtenBytes.sum());
    into.gauge("cairn_mount_open_files", "Number of files that are open here.", files.count());
    into.gauge(
        "cairn_mount_unwritten_bytes",
        "Bytes of buffers that hold what the chunk servers do not have yet.",
        files.unwrittenBytes());
    into.gauge(
        "cairn_mount_buffer_limit_bytes",
        "Bytes that these buffers may take: beyond them, writers wait.",
        bufferBytes);
    String help = "Number of reads of the block cache, by whether it had the bytes.";
    into.counter("cairn_mount_cache_reads_total", help, files.cache().hits(), "result", "hit");
    into.counter("cairn_mount_cache_reads_total", help, files.cache().misses(), "result", "miss");
    into.gauge(
        "cairn_mount_cache_bytes", "Memory that the block cache takes.", files.cache().bytes());
  }
}
