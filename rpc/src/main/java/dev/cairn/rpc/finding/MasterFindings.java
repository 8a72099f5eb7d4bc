package dev.cairn.rpc.finding;

import dev.cairn.rpc.proto.GetStatusReply;
import java.util.ArrayList;
import java.util.List;

/** Findings about what the master keeps on its disk. */
final class MasterFindings {

  private MasterFindings() {}

  static List<Finding> of(GetStatusReply status) {
    List<Finding> findings = new ArrayList<>();
    if (!status.getStorageFailure().isEmpty()) {
      findings.add(
          Finding.unavailable(
              "master-disk",
              "the master's disk takes no new data, so nothing can be written ("
                  + status.getStorageFailure()
                  + ")",
              "make room on that disk, or repair it; the master goes on by itself then. While only"
                  + " deletions are accepted, 'rm' and 'cairn trash empty' work"));
    }
    if (!status.getDeletionsHeld().isEmpty()) {
      findings.add(
          Finding.degraded(
              "deletions-held",
              "chunk servers delete nothing, because " + status.getDeletionsHeld(),
              "restore the master's directory from a backup if there is one; otherwise run"
                  + " 'cairn fsck', then 'cairn resume-deletions'"));
    }
    return findings;
  }
}
