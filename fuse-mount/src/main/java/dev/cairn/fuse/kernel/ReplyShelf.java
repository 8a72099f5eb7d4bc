package dev.cairn.fuse.kernel;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reply buffers of one size, a bounded number of them. A user that comes when all are lent, or when
 * there is no memory for another one, is served when a buffer comes back, in order, by the thread
 * that brings it. Thread-safe.
 */
final class ReplyShelf {

  /** The one who asks for a buffer. */
  interface User {
    void use(ReplyBuffer buffer);

    /** There is no memory for a buffer, and none is lent that could come back. */
    void goWithout(OutOfMemoryError why);
  }

  /** Makes a buffer. */
  interface Memory {
    ReplyBuffer allocate(int capacity, ReplyShelf shelf);
  }

  private final int capacity;
  private final int most;
  private final Deque<ReplyBuffer> idle = new ArrayDeque<>();
  private final Memory memory;
  private final Deque<User> waiting = new ArrayDeque<>();
  private int lent;

  /** Returns of buffers not yet looked at: only the thread that makes it 1 serves who waits. */
  private final AtomicInteger returns = new AtomicInteger();

  ReplyShelf(int capacity, int most) {
    this(capacity, most, ReplyBuffer::new);
  }

  ReplyShelf(int capacity, int most, Memory memory) {
    this.capacity = capacity;
    this.most = most;
    this.memory = memory;
  }

  int capacity() {
    return capacity;
  }

  void whenFree(User user) {
    ReplyBuffer buffer;
    synchronized (this) {
      if (lent == most) {
        waiting.add(user);
        return;
      }
      lent++;
      buffer = idle.pollFirst();
    }
    if (buffer != null) {
      user.use(buffer);
    } else {
      useNewBuffer(user);
    }
  }

  private void useNewBuffer(User user) {
    ReplyBuffer buffer;
    try {
      buffer = memory.allocate(capacity, this);
    } catch (OutOfMemoryError e) {
      synchronized (this) {
        lent--;
        if (lent > 0) {
          waiting.addFirst(user);
          return;
        }
      }
      user.goWithout(e);
      return;
    }
    user.use(buffer);
  }

  /** Bytes that the buffers take when all are there. */
  long mostBytes() {
    return (long) most * ReplyBuffer.bytes(capacity);
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
    User user;
    synchronized (this) {
      user = lent < most ? waiting.poll() : null;
    }
    if (user != null) {
      whenFree(user);
    }
  }
}
