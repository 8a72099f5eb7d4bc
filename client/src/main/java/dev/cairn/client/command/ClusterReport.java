package dev.cairn.client.command;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.ShownText;
import dev.cairn.rpc.SizeInBytes;
import dev.cairn.rpc.finding.Finding;
import dev.cairn.rpc.finding.Room;
import dev.cairn.rpc.finding.ServerWords;
import dev.cairn.rpc.proto.BackupStatus;
import dev.cairn.rpc.proto.BadReplicaStatus;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.DiskStatus;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.RefusedServerStatus;
import dev.cairn.rpc.proto.ScrubStatus;
import dev.cairn.rpc.proto.SessionStatus;
import dev.cairn.rpc.proto.SpaceStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The state of a cluster in lines for people, and as facts for scripts. Nothing but its arguments
 * goes into it.
 *
 * @param masters as they were named
 * @param group the masters, by what they say
 * @param missing the local processes that should run and do not
 * @param health what these facts come to
 * @param now nanoseconds since 1970
 */
record ClusterReport(
    Masters masters,
    GetStatusReply status,
    MastersReport group,
    List<String> missing,
    Health health,
    long now) {

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("master " + leader());
    lines.add(
        "cluster "
            + status.getClusterId()
            + ", version "
            + status.getVersion()
            + ", up "
            + Shown.time(status.getUptimeMillis()));
    lines.addAll(group.lines());
    lines.add(
        "new files: replication factor "
            + status.getDefaultReplicas()
            + ", chunk size "
            + SizeInBytes.show(status.getDefaultChunkSize()));
    lines.add("inodes: " + status.getInodes());
    lines.add("chunks: " + status.getChunks());
    lines.add("under-replicated chunks: " + status.getUnderReplicatedChunks());
    lines.add(
        "copies under way: "
            + status.getCopiesUnderWay()
            + (status.getRepairWaits().isEmpty() ? "" : "; waits: " + status.getRepairWaits()));
    lines.add("missing chunks: " + status.getMissingChunks());
    lines.add("garbage chunks: " + status.getGarbageChunks());
    lines.add(
        "trash: "
            + Shown.count(status.getTrashEntries(), "entry", "entries")
            + ", "
            + SizeInBytes.show(status.getTrashBytes()));
    lines.add("leases: " + status.getLeases());
    if (status.hasBackup()) {
      lines.add("newest backup: " + newestBackup());
    }
    if (!status.getDeletionsHeld().isEmpty()) {
      lines.add("chunks of files that are not known: " + status.getStrayChunks());
    }
    lines.add("space: " + Room.line(status.getSpace()));
    lines.add("chunk servers: " + alive() + " alive, " + (servers().size() - alive()) + " dead");
    servers().forEach(server -> lines.add("  " + line(server)));
    if (status.getRefusedServersCount() > 0) {
      lines.add("refused chunk servers: " + status.getRefusedServersCount());
      status.getRefusedServersList().forEach(refused -> lines.add("  " + line(refused)));
    }
    lines.add("sessions: " + status.getSessionsCount());
    status.getSessionsList().forEach(session -> lines.add("  " + line(session)));
    lines.add("bad replicas: " + status.getBadReplicasCount());
    status.getBadReplicasList().forEach(bad -> lines.add("  " + line(bad)));
    if (status.getSuspectReplicasCount() > 0) {
      lines.add("suspect replicas, which their servers check: " + status.getSuspectReplicasCount());
      status.getSuspectReplicasList().forEach(suspect -> lines.add("  " + line(suspect)));
    }
    if (status.getReplicasPutAside() > 0) {
      lines.add("bad replicas put aside since the master started: " + status.getReplicasPutAside());
      status.getLatestPutAsideList().forEach(bad -> lines.add("  " + line(bad)));
    }
    lines.addAll(health.lines());
    return lines;
  }

  private String newestBackup() {
    BackupStatus backup = status.getBackup();
    String newest =
        backup.getNewestTaken() == 0
            ? "none"
            : ShownText.time(backup.getNewestAgeMillis())
                + " old"
                + (backup.getNewest().isEmpty() ? "" : ", " + backup.getNewest());
    return backup.getDirectory().isEmpty()
        ? newest
        : "%s; one every %s, %d of at most %d in %s"
            .formatted(
                newest,
                ShownText.time(backup.getEveryMillis()),
                backup.getKept(),
                backup.getKeep(),
                backup.getDirectory());
  }

  private String leader() {
    return group.leader().isEmpty() ? masters.toString() : group.leader();
  }

  private List<ChunkServerStatus> servers() {
    return status.getServersList();
  }

  private long alive() {
    return servers().stream().filter(ChunkServerStatus::getAlive).count();
  }

  private static String line(ChunkServerStatus server) {
    return String.format(
        "%d  %s  %s%s  %s, %s%s%s",
        server.getServerId(),
        new HostPort(server.getHost(), server.getDataPort()),
        state(server),
        server.getZone().isEmpty() ? "" : "  zone " + server.getZone(),
        Shown.count(server.getChunks(), "chunk", "chunks"),
        Room.line(Room.of(server)),
        quarantined(server),
        failures(server));
  }

  private static String state(ChunkServerStatus server) {
    String state = presence(server);
    if (!server.getAlive()) {
      state += (server.getStopped() ? " " : ", silent for ") + Shown.time(server.getSilentMillis());
      state += server.getStopped() ? " ago" : "";
    }
    if (server.getMaintenanceLeftMillis() > 0) {
      state += ", in maintenance for another " + Shown.time(server.getMaintenanceLeftMillis());
    }
    if (server.getAlive() && !server.getReported()) {
      state += ", not all chunks reported";
    }
    if (!server.getDraining()) {
      return state;
    }
    String drain = ServerWords.progress(server.getDrain());
    return state + (server.getDrain().getDone() ? ", drained" : ", draining: " + drain);
  }

  /** Whether a server is there, in one word. */
  static String presence(ChunkServerStatus server) {
    if (server.getStopped()) {
      return "stopped";
    }
    return server.getAlive() ? "alive" : server.getAwaited() ? "awaited" : "dead";
  }

  private static String quarantined(ChunkServerStatus server) {
    long chunks = quarantinedChunks(server);
    long bytes = server.getDisksList().stream().mapToLong(DiskStatus::getQuarantinedBytes).sum();
    return chunks == 0
        ? ""
        : ", quarantine " + Shown.count(chunks, "chunk", "chunks") + ", " + SizeInBytes.show(bytes);
  }

  private static long quarantinedChunks(ChunkServerStatus server) {
    return server.getDisksList().stream().mapToLong(DiskStatus::getQuarantinedChunks).sum();
  }

  /** When all chunks were checked last, and how far this pass is. */
  static String checked(ChunkServerStatus server) {
    ScrubStatus scrub = server.getScrub();
    String last = scrub.getLastPassEnded() == 0 ? "never" : Shown.minutes(scrub.getLastPassEnded());
    boolean complete = scrub.getPermille() == 1000;
    return complete ? last : last + ", now " + scrub.getPermille() / 10 + "%";
  }

  private static String failures(ChunkServerStatus server) {
    StringBuilder text = new StringBuilder();
    for (DiskStatus disk : server.getDisksList()) {
      if (!disk.getFailure().isEmpty()) {
        text.append("; ").append(disk.getPath()).append(" failed: ").append(disk.getFailure());
      }
    }
    return text.toString();
  }

  private static String line(RefusedServerStatus refused) {
    return refused.getHost() + ":" + refused.getDataPort() + "  " + refused.getReason();
  }

  private static String line(SessionStatus session) {
    return String.format(
        "%d  %s  %s, %s, heard of %s ago",
        session.getSessionId(),
        session.getDescription(),
        Shown.count(session.getOpenFiles(), "open file", "open files"),
        Shown.count(session.getLocks(), "lock", "locks"),
        Shown.time(session.getSilentMillis()));
  }

  private String line(BadReplicaStatus bad) {
    return String.format(
        "chunk %d on chunk server %d (%s), %s ago: %s",
        bad.getChunkId(),
        bad.getServerId(),
        new HostPort(bad.getHost(), bad.getDataPort()),
        Shown.time(Math.max(0, now - bad.getReportedAt()) / 1_000_000),
        bad.getReason());
  }

  Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("master", leader());
    facts.putAll(group.facts());
    facts.put("cluster_id", status.getClusterId());
    facts.put("version", status.getVersion());
    facts.put("http", status.getHttp());
    facts.put("uptime_ms", status.getUptimeMillis());
    facts.put("default_replicas", status.getDefaultReplicas());
    facts.put("default_chunk_size", status.getDefaultChunkSize());
    facts.put("inodes", status.getInodes());
    facts.put("chunks", status.getChunks());
    facts.put("under_replicated_chunks", status.getUnderReplicatedChunks());
    facts.put("copies_under_way", status.getCopiesUnderWay());
    facts.put("repair_waits", status.getRepairWaits());
    facts.put("missing_chunks", status.getMissingChunks());
    facts.put("garbage_chunks", status.getGarbageChunks());
    facts.put("trash_entries", status.getTrashEntries());
    facts.put("trash_bytes", status.getTrashBytes());
    facts.put("leases", status.getLeases());
    facts.put("storage_failure", status.getStorageFailure());
    facts.put("stray_chunks", status.getStrayChunks());
    facts.put("backup", facts(status.getBackup()));
    facts.put("deletions_held", status.getDeletionsHeld());
    facts.put("servers", servers(status));
    facts.put(
        "refused_servers",
        status.getRefusedServersList().stream().map(ClusterReport::facts).toList());
    facts.put("sessions", status.getSessionsList().stream().map(ClusterReport::facts).toList());
    facts.put(
        "bad_replicas", status.getBadReplicasList().stream().map(ClusterReport::facts).toList());
    facts.put(
        "suspect_replicas",
        status.getSuspectReplicasList().stream().map(ClusterReport::facts).toList());
    facts.put("replicas_put_aside", status.getReplicasPutAside());
    facts.put(
        "latest_put_aside",
        status.getLatestPutAsideList().stream().map(ClusterReport::facts).toList());
    facts.put("not_running", missing);
    facts.put("space", facts(status.getSpace()));
    facts.putAll(facts(health));
    return facts;
  }

  /** The judgement, which there is even when the master does not answer. */
  static Map<String, Object> facts(Health health) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("health", health.word());
    facts.put("healthy", health.isHealthy());
    facts.put("findings", health.findings().stream().map(Finding::facts).toList());
    facts.put("problems", health.problems());
    return facts;
  }

  private static Map<String, Object> facts(BackupStatus backup) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("directory", backup.getDirectory());
    facts.put("every_ms", backup.getEveryMillis());
    facts.put("keep", backup.getKeep());
    facts.put("kept", backup.getKept());
    facts.put("newest", backup.getNewest());
    facts.put("newest_taken_ns", backup.getNewestTaken());
    facts.put("newest_age_ms", backup.getNewestAgeMillis());
    facts.put("failure", backup.getFailure());
    return facts;
  }

  private static Map<String, Object> facts(SpaceStatus space) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("total_bytes", space.getTotalBytes());
    facts.put("used_bytes", space.getHeldBytes());
    facts.put("used_by_others_bytes", Room.others(space));
    facts.put("free_bytes", space.getFreeBytes());
    return facts;
  }

  static List<Map<String, Object>> servers(GetStatusReply status) {
    return status.getServersList().stream().map(ClusterReport::facts).toList();
  }

  private static Map<String, Object> facts(ChunkServerStatus server) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("id", server.getServerId());
    facts.put("address", new HostPort(server.getHost(), server.getDataPort()).toString());
    facts.put("zone", server.getZone());
    facts.put("alive", server.getAlive());
    facts.put("silent_ms", server.getSilentMillis());
    facts.put("chunks", server.getChunks());
    facts.put("reported", server.getReported());
    facts.put("state", presence(server));
    facts.put("maintenance_left_ms", server.getMaintenanceLeftMillis());
    facts.putAll(facts(Room.of(server)));
    facts.put("version", server.getVersion());
    facts.put("http", server.getHttp());
    facts.put("last_scrub_ended_ns", server.getScrub().getLastPassEnded());
    facts.put("scrub_permille", server.getScrub().getPermille());
    facts.put("draining", server.getDraining());
    if (server.getDraining()) {
      facts.put("drained", server.getDrain().getDone());
      facts.put("drain_chunks_left", server.getDrain().getChunksLeft());
      facts.put("drain_bytes_left", server.getDrain().getBytesLeft());
      facts.put("drain_ms_left", server.getDrain().getMillisLeft());
      facts.put("drain_waits", server.getDrain().getWaits());
    }
    facts.put("disks", server.getDisksList().stream().map(ClusterReport::facts).toList());
    return facts;
  }

  private static Map<String, Object> facts(DiskStatus disk) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("path", disk.getPath());
    facts.put("total_bytes", disk.getTotalBytes());
    facts.put("free_bytes", disk.getFreeBytes());
    facts.put("used_bytes", disk.getHeldBytes());
    facts.put("quarantined_bytes", disk.getQuarantinedBytes());
    facts.put("quarantined_chunks", disk.getQuarantinedChunks());
    facts.put("failure", disk.getFailure());
    return facts;
  }

  private static Map<String, Object> facts(RefusedServerStatus refused) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("address", refused.getHost() + ":" + refused.getDataPort());
    facts.put("reason", refused.getReason());
    facts.put("silent_ms", refused.getSilentMillis());
    return facts;
  }

  private static Map<String, Object> facts(SessionStatus session) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("id", session.getSessionId());
    facts.put("description", session.getDescription());
    facts.put("silent_ms", session.getSilentMillis());
    facts.put("open_files", session.getOpenFiles());
    facts.put("locks", session.getLocks());
    facts.put("http", session.getHttp());
    return facts;
  }

  private static Map<String, Object> facts(BadReplicaStatus bad) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("chunk", bad.getChunkId());
    facts.put("server", bad.getServerId());
    facts.put("address", new HostPort(bad.getHost(), bad.getDataPort()).toString());
    facts.put("reason", bad.getReason());
    facts.put("reported_at_ns", bad.getReportedAt());
    return facts;
  }
}
