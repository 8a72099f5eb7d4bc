package dev.cairn.client.buffer;

import dev.cairn.rpc.Check;
import dev.cairn.rpc.error.CairnException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Direct buffers of two sizes out of one budget, which lent and idle buffers share. A caller that
 * asks when the budget is used up gets a future; waiters are served in order as buffers come back.
 * Idle buffers of one size are dropped when the other size needs their room.
 *
 * <p>Should the JVM have less memory than the budget says, a caller waits for the buffers that are
 * lent, as if the budget were smaller at that moment. Only a caller that nobody can give a buffer
 * back to gets the error.
 */
public final class BufferPool {

  /** The size for little content: a small file. */
  public static final int SMALL_BYTES = 64 << 10;

  /** The size for streams: one frame of the data port. */
  public static final int LARGE_BYTES = 1 << 20;

  /** Allocates a buffer of so many bytes. */
  interface Memory {
    ByteBuffer allocate(int bytes) throws CairnException;
  }

  private record Waiter(int size, CompletableFuture<ByteBuffer> buffer) {}

  private final long budgetBytes;
  private final Runnable pressure;
  private final Memory memory;
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
    this(budgetBytes, pressure, DirectMemory::allocate);
  }

  BufferPool(long budgetBytes, Runnable pressure, Memory memory) {
    Check.that(budgetBytes >= LARGE_BYTES, "a budget of %s bytes", budgetBytes);
    this.budgetBytes = budgetBytes;
    this.pressure = pressure;
    this.memory = memory;
  }

  /**
   * Returns a cleared buffer of that size, now or as soon as there is one.
   *
   * @return fails with {@code NO_MEMORY} when there is none and none is lent
   */
  public CompletableFuture<ByteBuffer> take(int size) {
    CompletableFuture<ByteBuffer> buffer = new CompletableFuture<>();
    List<Runnable> served;
    boolean waits;
    synchronized (this) {
      waiters.add(new Waiter(size, buffer));
      served = serve();
      waits = !waiters.isEmpty();
    }
    served.forEach(Runnable::run);
    if (waits) {
      pressure.run();
    }
    return buffer;
  }

  /** Takes a buffer back. */
  public void give(ByteBuffer buffer) {
    List<Runnable> served;
    synchronized (this) {
      lentBytes -= buffer.capacity();
      idle(buffer.capacity()).push(buffer);
      served = serve();
    }
    served.forEach(Runnable::run);
  }

  /** Lends to the waiters, in order, as far as there is room; returns how to tell them. */
  private List<Runnable> serve() {
    List<Runnable> served = new ArrayList<>(1);
    while (!waiters.isEmpty() && lentBytes + waiters.peek().size() <= budgetBytes) {
      Waiter waiter = waiters.peek();
      try {
        ByteBuffer lent = lend(waiter.size());
        served.add(() -> hand(waiter, lent));
      } catch (CairnException e) {
        if (lentBytes > 0) {
          break;
        }
        served.add(() -> waiter.buffer().completeExceptionally(e));
      }
      waiters.remove();
    }
    return served;
  }

  private ByteBuffer lend(int size) throws CairnException {
    ByteBuffer buffer = idle(size).poll();
    if (buffer == null) {
      Deque<ByteBuffer> other = idle(size == SMALL_BYTES ? LARGE_BYTES : SMALL_BYTES);
      while (!other.isEmpty() && lentBytes + idleBytes() + size > budgetBytes) {
        other.pollLast();
      }
      buffer = memory.allocate(size);
    }
    lentBytes += size;
    return buffer.clear();
  }

  private long idleBytes() {
    return (long) small.size() * SMALL_BYTES + (long) large.size() * LARGE_BYTES;
  }

  private Deque<ByteBuffer> idle(int size) {
    Check.that(size == SMALL_BYTES || size == LARGE_BYTES, "a buffer of %s bytes", size);
    return size == SMALL_BYTES ? small : large;
  }

  private void hand(Waiter waiter, ByteBuffer lent) {
    if (!waiter.buffer().complete(lent)) {
      give(lent);
    }
  }

  /** Returns the bytes lent now. */
  public synchronized long lentBytes() {
    return lentBytes;
  }
}
