package dev.cairn.rpc.metrics;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;

/** How often one kind of request was served, with which results, and how long that took. */
public final class Operation {

  /** The result of what succeeds. */
  public static final int OK = 0;

  /** Results from here on count as one. */
  private static final int RESULTS = 256;

  private final Latency latency = new Latency();
  private final LongAdder begun = new LongAdder();
  private final LongAdder succeeded = new LongAdder();
  private final AtomicReferenceArray<LongAdder> failed = new AtomicReferenceArray<>(RESULTS);

  Operation() {}

  /** A request begins; returns when, for {@link #ended}. */
  public long begin() {
    begun.increment();
    return System.nanoTime();
  }

  /**
   * A request is over.
   *
   * @param beganNanos what {@link #begin} returned
   * @param result {@link #OK}, or the number of an error
   */
  public void ended(long beganNanos, int result) {
    latency.since(beganNanos);
    if (result == OK) {
      succeeded.increment();
    } else {
      failures(Math.min(Math.max(1, result), RESULTS - 1)).increment();
    }
  }

  private LongAdder failures(int result) {
    LongAdder count = failed.get(result);
    if (count == null) {
      failed.compareAndSet(result, null, new LongAdder());
      count = failed.get(result);
    }
    return count;
  }

  Latency latency() {
    return latency;
  }

  /** Requests that began and are not over. */
  long underWay() {
    long over = latency.count();
    return Math.max(0, begun.sum() - over);
  }

  /** Tells each result that occurred, and success in any case, with its count. */
  void results(BiConsumer<Integer, Long> to) {
    to.accept(OK, succeeded.sum());
    for (int result = 0; result < RESULTS; result++) {
      LongAdder count = failed.get(result);
      if (count != null) {
        to.accept(result, count.sum());
      }
    }
  }
}
