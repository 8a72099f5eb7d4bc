package dev.cairn.master.metrics;

import dev.cairn.master.compact.Compaction;
import dev.cairn.master.log.ForceGroup;
import dev.cairn.master.log.Writer;
import dev.cairn.master.repair.Repairs;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.rpc.metrics.Samples;
import dev.cairn.rpc.metrics.Source;

/** What a master that decides has written and had done, since it began to. */
public record ReignMetrics(
    Writer writer, ForceGroup force, ReplicaMap replicas, Repairs repairs, Compaction compaction)
    implements Source {

  @Override
  public void collect(Samples into) {
    writer(into);
    work(into);
  }

  private void writer(Samples into) {
    into.gauge(
        "cairn_master_commands_waiting",
        "Number of commands that wait for the writer.",
        writer.waiting());
    into.counter(
        "cairn_master_commands_total", "Number of commands that were decided.", writer.commands());
    into.counter(
        "cairn_master_batches_total",
        "Number of batches of changes that became part of the state.",
        writer.batches());
    into.latency(
        "cairn_master_commit_duration_seconds",
        "Time from appending a batch to the log until it is part of the state.",
        writer.commits());
    into.latency(
        "cairn_master_log_sync_duration_seconds",
        "Time to sync the log to the disk.",
        force.forces());
    into.gauge(
        "cairn_master_sync_waiting",
        "Number of requests that wait for the next sync of the log.",
        force.waiting());
  }

  private void work(Samples into) {
    into.gauge(
        "cairn_master_replica_map_bytes",
        "Heap that the master's table of replicas takes.",
        replicas.bytes());
    into.counter(
        "cairn_repair_copies_total",
        "Number of replicas that repair, draining and balance had made.",
        repairs.copied().sum(),
        "result",
        "ok");
    into.counter(
        "cairn_repair_copies_total",
        "Number of replicas that repair, draining and balance had made.",
        repairs.failed().sum(),
        "result",
        "failed");
    into.counter(
        "cairn_repair_copied_bytes_total", "Bytes of these replicas.", repairs.copiedBytes().sum());
    into.gauge(
        "cairn_compaction_builds_in_progress",
        "Number of new chunks that compaction has under way.",
        compaction.underWay());
    into.counter(
        "cairn_compaction_chunks_total",
        "Number of new chunks of compaction that files refer to since.",
        compaction.relocated().sum());
    into.counter(
        "cairn_compaction_bytes_total",
        "Bytes of these chunks.",
        compaction.relocatedBytes().sum());
    into.counter(
        "cairn_compaction_dropped_total",
        "Number of new chunks that compaction gave up.",
        compaction.dropped().sum());
  }
}
