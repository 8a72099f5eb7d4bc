package dev.cairn.rpc.metrics;

import java.util.concurrent.atomic.LongAdder;

/** How long something took, in buckets with fixed bounds. For any thread. */
public final class Latency {

  private static final long[] BOUNDS_NANOS = {
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000L,
    5_000_000_000L,
    10_000_000_000L
  };

  private static final double NANOS_PER_SECOND = 1e9;

  private final LongAdder[] counts = new LongAdder[BOUNDS_NANOS.length + 1];
  private final LongAdder nanos = new LongAdder();

  /** Nothing took any time yet. */
  public Latency() {
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  /** Something that began at that {@link System#nanoTime} is over now. */
  public void since(long beganNanos) {
    took(System.nanoTime() - beganNanos);
  }

  /** Something took so many nanoseconds. */
  public void took(long tookNanos) {
    int bucket = 0;
    while (bucket < BOUNDS_NANOS.length && tookNanos > BOUNDS_NANOS[bucket]) {
      bucket++;
    }
    counts[bucket].increment();
    nanos.add(tookNanos);
  }

  /** How many times it was measured. */
  public long count() {
    long all = 0;
    for (LongAdder count : counts) {
      all += count.sum();
    }
    return all;
  }

  double sumSeconds() {
    return nanos.sum() / NANOS_PER_SECOND;
  }

  /** The upper bounds of the buckets in seconds; the last one is infinite. */
  static double[] bounds() {
    double[] bounds = new double[BOUNDS_NANOS.length + 1];
    for (int i = 0; i < BOUNDS_NANOS.length; i++) {
      bounds[i] = BOUNDS_NANOS[i] / NANOS_PER_SECOND;
    }
    bounds[BOUNDS_NANOS.length] = Double.POSITIVE_INFINITY;
    return bounds;
  }

  /** What is in each bucket alone. */
  long[] counts() {
    long[] now = new long[counts.length];
    for (int i = 0; i < now.length; i++) {
      now[i] = counts[i].sum();
    }
    return now;
  }
}
