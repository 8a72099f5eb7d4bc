package dev.cairn.rpc.finding;

import dev.cairn.rpc.proto.GetStatusReply;
import java.util.ArrayList;
import java.util.List;

/**
 * All that is to be said of a cluster by what its master knows. Each check is a function of one
 * answer of the master, so that its numbers belong together.
 */
public final class ClusterFindings {

  private ClusterFindings() {}

  /** The findings, in no order that means something. */
  public static List<Finding> of(GetStatusReply status) {
    List<Finding> all = new ArrayList<>();
    all.addAll(MasterFindings.of(status));
    all.addAll(ReplicaFindings.of(status));
    all.addAll(ServerFindings.of(status));
    all.addAll(SpaceFindings.of(status));
    all.addAll(VersionFindings.of(status));
    all.addAll(BackupFindings.of(status));
    return all;
  }
}
