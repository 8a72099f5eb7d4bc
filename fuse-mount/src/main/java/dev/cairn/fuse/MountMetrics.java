package dev.cairn.fuse;

import dev.cairn.rpc.metrics.Operations;
import dev.cairn.rpc.metrics.Samples;
import dev.cairn.rpc.metrics.Source;

/** The metrics of a mount that are the kernel's requests; the client has its own. */
record MountMetrics(Operations operations) implements Source {

  @Override
  public void collect(Samples into) {
    into.operations("cairn_mount_operation", "operation", "operation", operations);
  }
}
