package dev.cairn.client.file;

import java.util.concurrent.CompletableFuture;

/**
 * Notices that one handle is read from front to back in small steps, and says what to fetch ahead
 * of it. A kernel that reads ahead itself asks in steps too large to be helped.
 */
final class ReadAhead {

  /** Steps of this size are a kernel's own read-ahead. */
  private static final int LARGE_STEP_BYTES = 256 << 10;

  private static final int FIRST_WINDOW_BYTES = 256 << 10;
  private static final int LAST_WINDOW_BYTES = 2 << 20;

  /** A range to fetch into the cache; length 0 for none. */
  record Window(long offset, int length) {}

  private long expectedOffset;
  private long fetchedTo;
  private int windowBytes;
  private CompletableFuture<Void> underWay = CompletableFuture.completedFuture(null);

  /** Takes note of a read; answers what to fetch now. */
  synchronized Window next(long offset, int length) {
    boolean sequential = offset == expectedOffset && offset > 0;
    expectedOffset = offset + length;
    if (!sequential || length >= LARGE_STEP_BYTES) {
      windowBytes = 0;
      fetchedTo = expectedOffset;
      return new Window(0, 0);
    }
    windowBytes = Math.min(LAST_WINDOW_BYTES, Math.max(FIRST_WINDOW_BYTES, windowBytes * 2));
    if (fetchedTo - expectedOffset >= windowBytes / 2 || !underWay.isDone()) {
      return new Window(0, 0);
    }
    long from = Math.max(fetchedTo, expectedOffset);
    fetchedTo = from + windowBytes;
    return new Window(from, windowBytes);
  }

  synchronized void started(CompletableFuture<Void> fetch) {
    underWay = fetch;
  }

  /** The fetch under way where it covers the range; null otherwise. */
  synchronized CompletableFuture<Void> covering(long offset) {
    return !underWay.isDone() && windowBytes > 0 && offset < fetchedTo ? underWay : null;
  }
}
