package dev.cairn.fuse.kernel;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;

/**
 * The pool of request buffers. Every loop always holds one; the spare ones replace those that
 * WRITEs keep which are not done at once. When {@link #hasSpare} says no, a WRITE's bytes are
 * copied to the heap instead, as far as there is {@linkplain #copyRoom room}. Loops that ask at the
 * same moment may overdraw the pool by one buffer each.
 */
final class RequestBuffers {

  /** Of copies, altogether: a part of the heap that {@code scripts/cairn} gives a mount. */
  private static final int MOST_COPIED_BYTES = 48 << 20;

  private final Semaphore copyRoom = new Semaphore(MOST_COPIED_BYTES);
  private final int most;
  private final Deque<RequestBuffer> idle = new ArrayDeque<>();
  private int lent;

  RequestBuffers(int loops, int spares) {
    this.most = loops + spares;
  }

  /** A buffer with one user. */
  RequestBuffer take() {
    RequestBuffer buffer = idle();
    if (buffer == null) {
      buffer = new RequestBuffer(this);
    }
    synchronized (this) {
      lent++;
    }
    buffer.retain();
    return buffer;
  }

  private synchronized RequestBuffer idle() {
    return idle.pollFirst();
  }

  synchronized boolean hasSpare() {
    return lent < most;
  }

  /**
   * Room for a copy of that length. Waits for it, and so does everything else that comes to this
   * loop: the kernel has no end of requests, but this process one of memory.
   */
  Lease copyRoom(int bytes) {
    copyRoom.acquireUninterruptibly(bytes);
    return new Lease() {
      @Override
      public void release() {
        copyRoom.release(bytes);
      }

      @Override
      public void abandon() {
        release();
      }
    };
  }

  synchronized void giveBack(RequestBuffer buffer, boolean abandoned) {
    lent--;
    if (!abandoned) {
      idle.addFirst(buffer);
    }
  }
}
