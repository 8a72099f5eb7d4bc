package dev.cairn.client.command;

import dev.cairn.rpc.finding.ClusterFindings;
import dev.cairn.rpc.finding.Finding;
import dev.cairn.rpc.finding.Finding.Severity;
import dev.cairn.rpc.proto.GetStatusReply;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What is to be said of a cluster's health: findings, the worst first. The cluster's own are {@link
 * ClusterFindings}; the others are of this command and this machine.
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
   * @param group the masters
   * @param missing the local processes that should run and do not
   * @param ownVersion of this command
   */
  static Health of(
      GetStatusReply status, MastersReport group, List<String> missing, String ownVersion) {
    List<Finding> all = new ArrayList<>();
    all.addAll(ClusterFindings.of(status));
    all.addAll(group.findings());
    if (!ownVersion.equals(status.getVersion())) {
      all.add(otherVersion(status.getVersion(), ownVersion));
    }
    if (!missing.isEmpty()) {
      all.add(
          Finding.degraded(
              "processes-missing",
              "not running on this machine: " + String.join(", ", missing),
              "'cairn up' starts them"));
    }
    return new Health(all);
  }

  private static Finding otherVersion(String masters, String own) {
    return Finding.notice(
        "command-version",
        "this command is of version "
            + own
            + ", and the master of "
            + (masters.isEmpty() ? "an unknown version" : masters),
        "use the command of the master's version");
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
