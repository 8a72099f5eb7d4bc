package dev.cairn.rpc.finding;

import dev.cairn.rpc.SizeInBytes;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.DiskStatus;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.SpaceStatus;
import java.util.ArrayList;
import java.util.List;

/** Findings about room: a cluster, servers and disks that are full or nearly so. */
final class SpaceFindings {

  /** From here on there is little time to add disks. */
  private static final int NEARLY_FULL_PERCENT = 85;

  private static final int FULL_PERCENT = 95;

  private static final String ADD = "add disks or chunk servers, or delete files";

  private SpaceFindings() {}

  static List<Finding> of(GetStatusReply status) {
    List<Finding> findings = new ArrayList<>();
    List<ChunkServerStatus> takers =
        status.getServersList().stream()
            .filter(server -> server.getAlive() && !server.getDraining())
            .toList();
    long roomy = takers.stream().filter(SpaceFindings::hasRoom).count();
    if (!takers.isEmpty() && roomy == 0) {
      findings.add(
          Finding.degraded("no-room", "no chunk server has room, so nothing can be written", ADD));
    } else if (roomy < Math.min(status.getDefaultReplicas(), takers.size())) {
      findings.add(
          Finding.degraded(
              "no-room-for-replicas",
              "new files want "
                  + status.getDefaultReplicas()
                  + " replicas on different servers, and "
                  + (roomy == 1 ? "1 chunk server has" : roomy + " chunk servers have")
                  + " room",
              ADD));
    }
    fill("cluster", "the cluster", status.getSpace(), findings);
    for (ChunkServerStatus server : status.getServersList()) {
      if (server.getAlive()) {
        ofServer(server, findings);
      }
    }
    return findings;
  }

  private static void ofServer(ChunkServerStatus server, List<Finding> findings) {
    String name = ServerWords.name(server);
    fill("server", name, Room.of(server), findings);
    if (server.getDisksCount() > 1) {
      for (DiskStatus disk : server.getDisksList()) {
        if (disk.getFailure().isEmpty()) {
          fill("disk", disk.getPath() + " of " + name, Room.of(disk), findings);
        }
      }
    }
  }

  /** As the master's placement sees it: any byte beyond what is kept back. */
  private static boolean hasRoom(ChunkServerStatus server) {
    SpaceStatus space = Room.of(server);
    return space.getFreeBytes() > Math.min(16L << 20, space.getTotalBytes() / 100);
  }

  private static void fill(String kind, String name, SpaceStatus space, List<Finding> findings) {
    if (space.getTotalBytes() == 0) {
      return;
    }
    long percent = Room.percentTaken(space);
    if (percent < NEARLY_FULL_PERCENT) {
      return;
    }
    boolean full = percent >= FULL_PERCENT;
    findings.add(
        Finding.degraded(
            kind + (full ? "-full" : "-nearly-full"),
            name
                + " is "
                + percent
                + "% full: "
                + SizeInBytes.show(space.getFreeBytes())
                + " of "
                + SizeInBytes.show(space.getTotalBytes())
                + " are free",
            ADD));
  }
}
