package dev.cairn.master.metrics;

import dev.cairn.rpc.finding.ClusterFindings;
import dev.cairn.rpc.finding.Finding;
import dev.cairn.rpc.metrics.Samples;
import dev.cairn.rpc.metrics.Source;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.SessionStatus;
import dev.cairn.rpc.proto.SpaceStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The cluster: what {@code cairn status} shows. */
public final class ClusterMetrics implements Source {

  private record Kind(String code, String severity) {}

  private final Supplier<Optional<GetStatusReply>> status;

  /**
   * Metrics of a cluster.
   *
   * @param status nothing when this master cannot say: it does not lead, or has too much to do
   */
  public ClusterMetrics(Supplier<Optional<GetStatusReply>> status) {
    this.status = status;
  }

  @Override
  public void collect(Samples into) {
    Optional<GetStatusReply> now = status.get();
    into.gauge(
        "cairn_cluster_known",
        "1 if this master says here what the cluster's state is; 0 if it does not lead.",
        now.isPresent() ? 1 : 0);
    now.ifPresent(
        reply -> {
          findings(reply, into);
          chunks(reply, into);
          contents(reply, into);
          clients(reply, into);
          reply.getServersList().forEach(server -> ServerMetrics.collect(server, into));
        });
  }

  private static void findings(GetStatusReply reply, Samples into) {
    Map<Kind, Integer> counts = new LinkedHashMap<>();
    int worst = 0;
    for (Finding finding : ClusterFindings.of(reply)) {
      counts.merge(new Kind(finding.code(), finding.severity().word()), 1, Integer::sum);
      worst = Math.max(worst, finding.severity().exitCode());
    }
    counts.forEach(
        (kind, count) ->
            into.gauge(
                "cairn_finding",
                "Number of findings that 'cairn status' shows, by their code and severity.",
                count,
                "code",
                kind.code(),
                "severity",
                kind.severity()));
    into.gauge(
        "cairn_health_status",
        "0: healthy, 1: degraded, 3: data unavailable; the exit code of 'cairn status'.",
        worst);
  }

  private static void chunks(GetStatusReply reply, Samples into) {
    into.gauge("cairn_chunks", "Number of chunks that files refer to.", reply.getChunks());
    into.gauge(
        "cairn_under_replicated_chunks",
        "Number of chunks with fewer good replicas than wanted, the missing ones included.",
        reply.getUnderReplicatedChunks());
    into.gauge(
        "cairn_chunks_awaiting_maintenance",
        "Number of under-replicated chunks that lack only replicas on servers in maintenance.",
        reply.getChunksAwaitingMaintenance());
    into.gauge(
        "cairn_missing_chunks",
        "Number of chunks without a replica that can be read.",
        reply.getMissingChunks());
    into.gauge(
        "cairn_garbage_chunks",
        "Number of chunks that no file refers to and that are still to be deleted.",
        reply.getGarbageChunks());
    into.gauge(
        "cairn_bad_replicas",
        "Number of replicas known to be damaged and not replaced yet.",
        reply.getBadReplicasCount());
    into.gauge(
        "cairn_suspect_replicas",
        "Number of replicas that a client said are damaged and that are still to be checked.",
        reply.getSuspectReplicasCount());
    into.counter(
        "cairn_replicas_put_aside_total",
        "Number of bad replicas that were taken out of use since the master started.",
        reply.getReplicasPutAside());
    into.gauge(
        "cairn_copies_in_progress",
        "Number of replicas that are being made.",
        reply.getCopiesUnderWay());
    into.gauge(
        "cairn_repair_waiting",
        "1 if some replicas cannot be made for now: 'cairn status' says why.",
        reply.getRepairWaits().isEmpty() ? 0 : 1);
    into.gauge(
        "cairn_deletions_held",
        "1 if chunk servers delete nothing until an operator resumes deletions.",
        reply.getDeletionsHeld().isEmpty() ? 0 : 1);
  }

  private static void contents(GetStatusReply reply, Samples into) {
    into.gauge("cairn_inodes", "Number of files, directories and symlinks.", reply.getInodes());
    into.gauge("cairn_trash_entries", "Number of entries in the trash.", reply.getTrashEntries());
    into.gauge(
        "cairn_trash_bytes", "Bytes that the entries in the trash cover.", reply.getTrashBytes());
    SpaceStatus space = reply.getSpace();
    into.gauge(
        "cairn_space_total_bytes",
        "Size of the disks of all living chunk servers, each filesystem counted once.",
        space.getTotalBytes());
    into.gauge(
        "cairn_space_free_bytes",
        "Bytes of these disks that chunks may still take.",
        space.getFreeBytes());
    into.gauge(
        "cairn_space_used_bytes", "Bytes of these disks that chunks take.", space.getHeldBytes());
    into.gauge(
        "cairn_default_replicas",
        "Replication factor of new files where none is set.",
        reply.getDefaultReplicas());
  }

  private static void clients(GetStatusReply reply, Samples into) {
    into.gauge("cairn_sessions", "Number of clients with a session.", reply.getSessionsCount());
    into.gauge(
        "cairn_open_files",
        "Number of open files of all clients.",
        reply.getSessionsList().stream().mapToLong(SessionStatus::getOpenFiles).sum());
    into.gauge(
        "cairn_locks",
        "Number of locks that clients hold (flock and fcntl).",
        reply.getSessionsList().stream().mapToLong(SessionStatus::getLocks).sum());
    into.gauge("cairn_leases", "Number of leases in force.", reply.getLeases());
    into.gauge(
        "cairn_longest_session_silence_seconds",
        "Time since the client that is silent longest was heard of.",
        reply.getSessionsList().stream().mapToLong(SessionStatus::getSilentMillis).max().orElse(0)
            / 1000.0);
    into.gauge(
        "cairn_servers_refused",
        "Number of chunk servers that want to register and may not.",
        reply.getRefusedServersCount());
    into.gauge(
        "cairn_servers_unreported",
        "Number of chunk servers that have yet to say which chunks they hold.",
        reply.getUnreportedServers());
  }
}
