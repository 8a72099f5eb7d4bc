package dev.cairn.master;

import dev.cairn.master.metrics.ClusterMetrics;
import dev.cairn.master.metrics.MasterMetrics;
import dev.cairn.rpc.metrics.HttpEndpoint;
import dev.cairn.rpc.metrics.Samples;
import dev.cairn.rpc.proto.GetStatusReply;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a master shows of itself by HTTP. Of several masters, the one that leads tells of the
 * cluster, so that its numbers are there once.
 *
 * @param process what there is whether it leads or not
 * @param reign of a master that decides; nothing while it does not
 * @param whyNotReady why it cannot do its part, for the end of a sentence; empty when it can
 */
record Monitoring(
    MasterMetrics process, Supplier<Optional<Reign>> reign, Supplier<String> whyNotReady) {

  /** From now on the endpoint tells of this master. */
  void serve(HttpEndpoint endpoint) {
    endpoint.add(process);
    endpoint.add(this::leading);
    endpoint.add(new ClusterMetrics(this::status));
    endpoint.readiness(this::notReady);
  }

  private void leading(Samples into) {
    Optional<Reign> now = reign.get();
    into.gauge(
        "cairn_master_leading",
        "1 if this master decides: it is the only one, or leads.",
        now.isPresent() ? 1 : 0);
    now.ifPresent(reigning -> reigning.metrics().collect(into));
  }

  private Optional<GetStatusReply> status() {
    return reign.get().flatMap(Reign::status);
  }

  private String notReady() {
    String failure = process.store().failure();
    return failure.isEmpty()
        ? whyNotReady.get()
        : "the master's disk takes no changes (" + failure + ")";
  }
}
