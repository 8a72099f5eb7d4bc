package dev.cairn.rpc.finding;

import dev.cairn.rpc.ShownText;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.DiskStatus;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.RefusedServerStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Findings about chunk servers and their disks. */
final class ServerFindings {

  private ServerFindings() {}

  static List<Finding> of(GetStatusReply status) {
    List<Finding> findings = new ArrayList<>(count(status));
    for (ChunkServerStatus server : status.getServersList()) {
      presence(server, findings);
      for (DiskStatus disk : server.getDisksList()) {
        if (!disk.getFailure().isEmpty()) {
          findings.add(
              Finding.degraded(
                  "disk-failed",
                  disk.getPath()
                      + " of "
                      + ServerWords.name(server)
                      + " failed ("
                      + disk.getFailure()
                      + ")",
                  "replace the disk and start the server again"));
        }
      }
      if (server.getDraining()) {
        findings.add(draining(server));
      }
    }
    for (RefusedServerStatus refused : status.getRefusedServersList()) {
      if (!refused.getOtherCluster().isEmpty()) {
        continue;
      }
      findings.add(
          Finding.degraded(
              "server-refused",
              "a chunk server at "
                  + refused.getHost()
                  + ":"
                  + refused.getDataPort()
                  + " is refused ("
                  + refused.getReason()
                  + ")",
              "stop it, or mend what the reason says"));
    }
    findings.addAll(ofOtherClusters(status));
    return findings;
  }

  /** A master that lost its directory founds a new cluster, and its chunk servers are not in it. */
  private static List<Finding> ofOtherClusters(GetStatusReply status) {
    Map<String, Long> servers = new TreeMap<>();
    status.getRefusedServersList().stream()
        .map(RefusedServerStatus::getOtherCluster)
        .filter(cluster -> !cluster.isEmpty())
        .forEach(cluster -> servers.merge(cluster, 1L, Long::sum));
    List<Finding> findings = new ArrayList<>();
    servers.forEach(
        (cluster, count) ->
            findings.add(
                Finding.degraded(
                    "servers-of-another-cluster",
                    "%s of cluster %s want to register here, and this master founded cluster %s: nothing of theirs is touched"
                        .formatted(
                            ShownText.count(count, "chunk server", "chunk servers"),
                            cluster,
                            status.getClusterId()),
                    "start this master on the directory of that cluster, or restore it from a"
                        + " backup with 'cairn restore'; or stop these servers")));
    return findings;
  }

  private static List<Finding> count(GetStatusReply status) {
    long alive = status.getServersList().stream().filter(ChunkServerStatus::getAlive).count();
    if (alive == 0) {
      return List.of(
          Finding.unavailable(
              "no-servers",
              "no chunk server is alive, so no data can be read or written",
              "start one"));
    }
    if (alive < status.getDefaultReplicas()) {
      return List.of(
          Finding.degraded(
              "fewer-servers-than-replicas",
              "new files want "
                  + ShownText.count(status.getDefaultReplicas(), "replica", "replicas")
                  + ", and "
                  + (alive == 1 ? "1 chunk server is" : alive + " chunk servers are")
                  + " alive",
              "start more"));
    }
    return List.of();
  }

  private static void presence(ChunkServerStatus server, List<Finding> findings) {
    String name = ServerWords.name(server);
    long left = server.getMaintenanceLeftMillis();
    if (left > 0) {
      findings.add(
          Finding.notice(
              "server-in-maintenance",
              name
                  + (server.getAlive() ? " is" : " is away and")
                  + " in maintenance for another "
                  + ShownText.time(left),
              "'cairn maintenance --end " + server.getServerId() + "' ends it"));
    } else if (server.getAwaited()) {
      findings.add(
          Finding.degraded(
              "server-missing",
              name + " has not come back since the master started",
              "wait some seconds, or start it"));
    } else if (!server.getAlive() && !server.getDrain().getDone()) {
      findings.add(
          Finding.degraded(
              "server-dead",
              name
                  + (server.getStopped() ? " was stopped " : " is dead, silent for ")
                  + ShownText.time(server.getSilentMillis())
                  + (server.getStopped() ? " ago" : ""),
              "start it again; if it will not come back, 'cairn forget "
                  + server.getServerId()
                  + "' once its chunks are copied"));
    } else if (server.getAlive() && !server.getReported()) {
      findings.add(
          Finding.degraded(
              "server-reporting",
              name + " has not yet reported all its chunks",
              "wait: its replicas count as missing until then"));
    } else if (server.getAlive() && server.getStopped()) {
      findings.add(
          Finding.degraded(
              "server-stopping",
              name + " was stopped " + ShownText.time(server.getSilentMillis()) + " ago",
              "start it again within some seconds, or its chunks are copied"));
    }
  }

  private static Finding draining(ChunkServerStatus server) {
    boolean done = server.getDrain().getDone();
    return Finding.notice(
        done ? "server-drained" : "server-draining",
        ServerWords.name(server)
            + (done
                ? " is drained"
                : " is being drained, " + ServerWords.progress(server.getDrain())),
        done
            ? "stop it, then 'cairn forget " + server.getServerId() + "'"
            : "nothing to do; 'cairn undrain " + server.getServerId() + "' ends it");
  }
}
