package dev.cairn.master;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for what comes about on another thread. */
final class Eventually {

  private static final long DEADLINE_SECONDS = 20;
  private static final long POLL_NANOS = 5_000_000;

  private Eventually() {}

  /** Asks until the answer is the expected one, or fails with the last answer. */
  static <T> void equals(T expected, Supplier<T> ask) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    T last = ask.get();
    while (!expected.equals(last)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("expected " + expected + ", and it stays " + last);
      }
      LockSupport.parkNanos(POLL_NANOS);
      last = ask.get();
    }
  }
}
