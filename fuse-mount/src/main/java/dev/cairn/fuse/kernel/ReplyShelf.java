package dev.cairn.fuse.kernel;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Reply buffers of one size, a bounded number of them. Who comes when all are lent is served when
 * one comes back, in order, by the thread that brings it. Thread-safe.
 */
final class ReplyShelf {

  private final int capacity;
  private final int most;
  private final Deque<ReplyBuffer> idle = new ArrayDeque<>();
  private final Queue<Consumer<ReplyBuffer>> waiting = new ArrayDeque<>();
  private int lent;

  /** Returns of buffers not yet looked at: only the thread that makes it 1 serves who waits. */
  private final AtomicInteger returns = new AtomicInteger();

  ReplyShelf(int capacity, int most) {
    this.capacity = capacity;
    this.most = most;
  }

  int capacity() {
    return capacity;
  }

  void whenFree(Consumer<ReplyBuffer> user) {
    ReplyBuffer buffer;
    synchronized (this) {
      if (lent == most) {
        waiting.add(user);
        return;
      }
      lent++;
      buffer = idle.pollFirst();
    }
    user.accept(buffer == null ? newBuffer() : buffer);
  }

  private ReplyBuffer newBuffer() {
    try {
      return new ReplyBuffer(capacity, this);
    } catch (OutOfMemoryError e) {
      giveBack(null);
      throw e;
    }
  }

  /** Takes back a lent buffer; null when it must not be used again. */
  void giveBack(ReplyBuffer buffer) {
    synchronized (this) {
      lent--;
      if (buffer != null) {
        idle.addFirst(buffer);
      }
    }
    // A user served here may be done at once and come back to this method: no recursion, then.
    if (returns.getAndIncrement() == 0) {
      do {
        serveWaiting();
      } while (returns.decrementAndGet() > 0);
    }
  }

  private void serveWaiting() {
    Consumer<ReplyBuffer> user;
    synchronized (this) {
      user = lent < most ? waiting.poll() : null;
    }
    if (user != null) {
      whenFree(user);
    }
  }
}
