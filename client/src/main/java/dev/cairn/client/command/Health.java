package dev.cairn.client.command;

import dev.cairn.client.command.Finding.Severity;
import dev.cairn.rpc.proto.GetStatusReply;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What is to be said of a cluster's health: findings, the worst first.
 *
 * <p>Each check is a function of one answer of the master, so that its numbers belong together.
 */
record Health(List<Finding> findings) {

  Health {
    List<Finding> sorted = new ArrayList<>(findings);
    sorted.sort(Comparator.comparing(Finding::severity).reversed());
    findings = List.copyOf(sorted);
  }

  /**
   * Judges a cluster.
   *
   * @param missing the local processes that should run and do not
   * @param ownVersion of this command
   */
  static Health of(GetStatusReply status, List<String> missing, String ownVersion) {
    List<Finding> all = new ArrayList<>();
    all.addAll(MasterFindings.of(status));
    all.addAll(ReplicaFindings.of(status));
    all.addAll(ServerFindings.of(status));
    all.addAll(SpaceFindings.of(status));
    all.addAll(VersionFindings.of(status, ownVersion));
    if (!missing.isEmpty()) {
      all.add(
          Finding.degraded(
              "processes-missing",
              "not running on this machine: " + String.join(", ", missing),
              "'cairn up' starts them"));
    }
    return new Health(all);
  }

  /** Of a cluster whose master does not answer. */
  static Health unreachable(String why, String action) {
    return new Health(List.of(Finding.unavailable("master-unreachable", why, action)));
  }

  Severity worst() {
    return findings.isEmpty() ? Severity.NOTICE : findings.get(0).severity();
  }

  boolean isHealthy() {
    return worst() == Severity.NOTICE;
  }

  /** In one word. */
  String word() {
    return isHealthy() ? "healthy" : worst().word();
  }

  int exitCode() {
    return worst().exitCode();
  }

  /** All findings, one a line, then the judgement. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    if (!findings.isEmpty()) {
      lines.add("findings: " + findings.size());
      findings.forEach(finding -> lines.add("  " + finding.line()));
    }
    lines.add(isHealthy() ? "healthy" : "not healthy: " + judgement());
    return lines;
  }

  private String judgement() {
    String codes =
        findings.stream()
            .filter(finding -> finding.severity() != Severity.NOTICE)
            .map(Finding::code)
            .distinct()
            .collect(Collectors.joining(", "));
    return (worst() == Severity.UNAVAILABLE ? "data unavailable" : "degraded") + " (" + codes + ")";
  }

  /** The findings that make the cluster not healthy, as sentences. */
  List<String> problems() {
    return findings.stream()
        .filter(finding -> finding.severity() != Severity.NOTICE)
        .map(finding -> finding.sentence() + ": " + finding.action())
        .toList();
  }
}
