package dev.cairn.client.buffer;

import dev.cairn.rpc.Check;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Direct buffers of two sizes out of one budget. Who asks when the budget is used up gets a future;
 * waiters are served in order as buffers come back. Buffers are reused, never freed, but those of
 * one size may be given up in favour of the other.
 */
public final class BufferPool {

  /** The size for little content: a small file. */
  public static final int SMALL_BYTES = 64 << 10;

  /** The size for streams: one frame of the data port. */
  public static final int LARGE_BYTES = 1 << 20;

  private record Waiter(int size, CompletableFuture<ByteBuffer> buffer) {}

  private final long budgetBytes;
  private final Runnable pressure;
  private final Deque<ByteBuffer> small = new ArrayDeque<>();
  private final Deque<ByteBuffer> large = new ArrayDeque<>();
  private final Deque<Waiter> waiters = new ArrayDeque<>();
  private long lentBytes;

  /**
   * Makes a pool.
   *
   * @param pressure called, with no lock held, when somebody has to wait: should bring buffers back
   */
  public BufferPool(long budgetBytes, Runnable pressure) {
    Check.that(budgetBytes >= LARGE_BYTES, "a budget of %s bytes", budgetBytes);
    this.budgetBytes = budgetBytes;
    this.pressure = pressure;
  }

  /** A cleared buffer of that size, now or as soon as there is one. */
  public CompletableFuture<ByteBuffer> take(int size) {
    CompletableFuture<ByteBuffer> waiting;
    synchronized (this) {
      if (waiters.isEmpty() && lentBytes + size <= budgetBytes) {
        return CompletableFuture.completedFuture(lend(size));
      }
      waiting = new CompletableFuture<>();
      waiters.add(new Waiter(size, waiting));
    }
    pressure.run();
    return waiting;
  }

  private ByteBuffer lend(int size) {
    lentBytes += size;
    ByteBuffer buffer = idle(size).poll();
    return buffer != null ? buffer.clear() : ByteBuffer.allocateDirect(size);
  }

  private Deque<ByteBuffer> idle(int size) {
    Check.that(size == SMALL_BYTES || size == LARGE_BYTES, "a buffer of %s bytes", size);
    return size == SMALL_BYTES ? small : large;
  }

  /** Takes a buffer back. */
  public void give(ByteBuffer buffer) {
    List<Runnable> served = new ArrayList<>();
    synchronized (this) {
      lentBytes -= buffer.capacity();
      Deque<ByteBuffer> idle = idle(buffer.capacity());
      // Idle buffers are real memory, too: at most a quarter of the budget of each size.
      if ((idle.size() + 1L) * buffer.capacity() <= budgetBytes / 4) {
        idle.push(buffer);
      }
      while (!waiters.isEmpty() && lentBytes + waiters.peek().size() <= budgetBytes) {
        Waiter waiter = waiters.poll();
        ByteBuffer lent = lend(waiter.size());
        served.add(() -> hand(waiter, lent));
      }
    }
    served.forEach(Runnable::run);
  }

  private void hand(Waiter waiter, ByteBuffer lent) {
    if (!waiter.buffer().complete(lent)) {
      give(lent);
    }
  }

  /** Bytes lent out now. */
  public synchronized long lentBytes() {
    return lentBytes;
  }
}
