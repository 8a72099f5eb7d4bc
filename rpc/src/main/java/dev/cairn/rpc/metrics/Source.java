package dev.cairn.rpc.metrics;

/** The metrics of one component. */
@FunctionalInterface
public interface Source {

  /** Adds what the metrics are now. Called by one thread at a time. */
  void collect(Samples into);
}
