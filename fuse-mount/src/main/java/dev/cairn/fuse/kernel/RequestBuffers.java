package dev.cairn.fuse.kernel;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/**
 * The pool of request buffers. Every loop always holds one; the spare ones replace those that
 * WRITEs {@linkplain #keep keep} which are not done at once. When no spare is left, a WRITE's bytes
 * are copied to the heap instead, as far as there is {@linkplain #copyRoom room}. So there are
 * never more buffers than loops and spares together.
 */
final class RequestBuffers {

  /** Of copies, altogether: a part of the heap that {@code scripts/cairn} gives a mount. */
  private static final int MOST_COPIED_BYTES = 48 << 20;

  private static final long MEMORY_PAUSE_NANOS = 10_000_000;

  private final Semaphore copyRoom = new Semaphore(MOST_COPIED_BYTES);
  private final Memory memory;
  private final int spares;
  private final Deque<RequestBuffer> idle = new ArrayDeque<>();
  private int kept;

  /** Makes a buffer. */
  interface Memory {
    RequestBuffer allocate(RequestBuffers pool);
  }

  RequestBuffers(int loops, int spares) {
    this(loops, spares, RequestBuffer::new);
  }

  RequestBuffers(int loops, int spares, Memory memory) {
    this.memory = memory;
    this.spares = spares;
    for (int i = 0; i < loops; i++) {
      idle.add(memory.allocate(this));
    }
  }

  /** Bytes that so many loops and spares take at most. */
  static long mostBytes(int loops, int spares) {
    return (long) (loops + spares) * RequestBuffer.bytesEach();
  }

  /**
   * Returns a buffer with one user. Without memory for another one it waits until a WRITE gives
   * back the buffer that it kept.
   */
  RequestBuffer take() {
    RequestBuffer buffer = idle();
    while (buffer == null) {
      try {
        buffer = memory.allocate(this);
      } catch (OutOfMemoryError e) {
        // No condition to wait for: an abandoned buffer's memory is freed by the garbage collector.
        LockSupport.parkNanos(MEMORY_PAUSE_NANOS);
        buffer = idle();
      }
    }
    buffer.retain();
    return buffer;
  }

  private synchronized RequestBuffer idle() {
    return idle.pollFirst();
  }

  /**
   * Lets a WRITE keep the buffer of its loop, which then takes another one.
   *
   * @return ends when the WRITE is done; null when no buffer may be kept
   */
  Lease keep(RequestBuffer buffer) {
    synchronized (this) {
      if (kept == spares) {
        return null;
      }
      kept++;
    }
    buffer.retain();
    return new Lease() {
      @Override
      public void release() {
        forget();
        buffer.release();
      }

      @Override
      public void abandon() {
        forget();
        buffer.abandon();
      }
    };
  }

  private synchronized void forget() {
    kept--;
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
    if (!abandoned) {
      idle.addFirst(buffer);
    }
  }
}
