package dev.cairn.rpc.finding;

import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.GetStatusReply;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Findings about versions: parts of a cluster that are not of one. */
final class VersionFindings {

  private VersionFindings() {}

  static List<Finding> of(GetStatusReply status) {
    Map<String, List<String>> parts = new TreeMap<>();
    parts.computeIfAbsent(status.getVersion(), version -> new ArrayList<>()).add("the master");
    for (ChunkServerStatus server : status.getServersList()) {
      if (server.getAlive()) {
        parts
            .computeIfAbsent(server.getVersion(), version -> new ArrayList<>())
            .add("chunk server " + server.getServerId());
      }
    }
    List<Finding> findings = new ArrayList<>();
    if (parts.size() > 1) {
      String each =
          parts.entrySet().stream()
              .map(
                  entry -> shown(entry.getKey()) + " (" + String.join(", ", entry.getValue()) + ")")
              .collect(Collectors.joining(", "));
      findings.add(
          Finding.degraded(
              "mixed-versions",
              "the cluster runs different versions: " + each,
              "finish the upgrade: restart the parts of older versions with the new one"));
    }
    return findings;
  }

  private static String shown(String version) {
    return version.isEmpty() ? "an unknown version" : version;
  }
}
