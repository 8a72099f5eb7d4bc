package dev.cairn.fuse.kernel;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The pool of request buffers. Every loop always holds one; the spare ones replace those that
 * WRITEs keep which are not done at once. When {@link #hasSpare} says no, a WRITE's bytes are
 * copied elsewhere instead. Loops that ask at the same moment may overdraw the pool by one buffer
 * each.
 */
final class RequestBuffers {

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

  synchronized void giveBack(RequestBuffer buffer, boolean abandoned) {
    lent--;
    if (!abandoned) {
      idle.addFirst(buffer);
    }
  }
}
