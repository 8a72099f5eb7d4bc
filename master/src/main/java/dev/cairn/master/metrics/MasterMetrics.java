package dev.cairn.master.metrics;

import dev.cairn.master.store.Store;
import dev.cairn.rpc.control.ControlServer;
import dev.cairn.rpc.metrics.Samples;
import dev.cairn.rpc.metrics.Source;

/** The master's process, whether it leads or not. */
public record MasterMetrics(ControlServer server, Store store) implements Source {

  @Override
  public void collect(Samples into) {
    into.operations("cairn_master_request", "method", "request", server.requests());
    into.gauge(
        "cairn_master_connections", "Number of connections of clients.", server.connections());
    into.gauge(
        "cairn_master_storage_failed",
        "1 while the master refuses changes, since its disk takes none.",
        store.failure().isEmpty() ? 0 : 1);
  }
}
