package dev.cairn.rpc.finding;

import dev.cairn.rpc.ShownText;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.GetStatusReply;
import java.util.ArrayList;
import java.util.List;

/** Findings about the replicas of chunks that cannot be read, are too few, suspect or bad. */
final class ReplicaFindings {

  private ReplicaFindings() {}

  static List<Finding> of(GetStatusReply status) {
    List<Finding> findings = new ArrayList<>();
    if (status.getMissingChunks() > 0) {
      findings.add(missing(status));
    }
    long few = status.getUnderReplicatedChunks() - status.getMissingChunks();
    long awaiting = Math.min(few, status.getChunksAwaitingMaintenance());
    if (few - awaiting > 0) {
      findings.add(
          Finding.degraded(
              "under-replicated",
              ShownText.count(
                      few - awaiting, "chunk that can be read has", "chunks that can be read have")
                  + " too few replicas",
              status.getRepairWaits().isEmpty()
                  ? "nothing to do, the chunk servers make copies"
                  : status.getRepairWaits()));
    }
    if (awaiting > 0) {
      findings.add(
          Finding.degraded(
              "replicas-in-maintenance",
              ShownText.count(
                      awaiting, "chunk that can be read lacks", "chunks that can be read lack")
                  + " only replicas on servers in maintenance",
              "start these servers, or 'cairn maintenance --end SERVER' to have copies made now"));
    }
    if (status.getBadReplicasCount() > 0) {
      findings.add(
          Finding.degraded(
              "bad-replicas",
              ShownText.count(status.getBadReplicasCount(), "replica is bad", "replicas are bad"),
              "they are replaced where a good replica and room are left; if most are on one server,"
                  + " check its disks"));
    }
    if (status.getSuspectReplicasCount() > 0) {
      findings.add(
          Finding.notice(
              "suspect-replicas",
              ShownText.count(status.getSuspectReplicasCount(), "replica is", "replicas are")
                  + " said to be bad by a client",
              "nothing to do, their chunk servers read and check them"));
    }
    return findings;
  }

  private static Finding missing(GetStatusReply status) {
    long missing = status.getMissingChunks();
    boolean away =
        status.getServersList().stream()
            .anyMatch(server -> !server.getAlive() && !server.getAwaited());
    if (status.getServersList().stream().anyMatch(ChunkServerStatus::getAwaited)
        || status.getUnreportedServers() > 0) {
      return Finding.unavailable(
          "chunks-unreported",
          ShownText.count(missing, "chunk has", "chunks have")
              + " no known replica yet, since chunk servers have not all reported",
          "wait some seconds; start the servers that do not come back");
    }
    if (away) {
      return Finding.unavailable(
          "chunks-unreachable",
          ShownText.count(missing, "chunk has", "chunks have")
              + " no replica on a living chunk server",
          "start the dead chunk servers again, and do not forget them");
    }
    return Finding.unavailable(
        "chunks-lost",
        ShownText.count(missing, "chunk is", "chunks are")
            + " lost: no chunk server has a good replica",
        "'cairn fsck' names the files; restore them from elsewhere");
  }
}
