package dev.cairn.client.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BufferPoolTest {

  private final AtomicInteger pressed = new AtomicInteger();
  private final BufferPool pool = new BufferPool(2L << 20, pressed::incrementAndGet);

  @Test
  void take_overTheBudget_waitsAndAsksForRelief() {
    ByteBuffer first = pool.take(BufferPool.LARGE_BYTES).join();
    ByteBuffer second = pool.take(BufferPool.LARGE_BYTES).join();
    CompletableFuture<ByteBuffer> third = pool.take(BufferPool.LARGE_BYTES);
    assertFalse(third.isDone());
    assertEquals(1, pressed.get());
    pool.give(first);
    assertTrue(third.isDone());
    pool.give(second);
    pool.give(third.join());
    assertEquals(0, pool.lentBytes());
  }

  @Test
  void give_ofALargeBuffer_servesSeveralSmallWaiters() {
    ByteBuffer first = pool.take(BufferPool.LARGE_BYTES).join();
    ByteBuffer second = pool.take(BufferPool.LARGE_BYTES).join();
    List<CompletableFuture<ByteBuffer>> waiting = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      waiting.add(pool.take(BufferPool.SMALL_BYTES));
    }
    pool.give(first);
    waiting.forEach(waiter -> assertTrue(waiter.isDone()));
    waiting.forEach(waiter -> pool.give(waiter.join()));
    pool.give(second);
    assertEquals(0, pool.lentBytes());
  }

  @Test
  void waiters_areServedInOrder_soThatALargeOneDoesNotStarve() {
    ByteBuffer first = pool.take(BufferPool.LARGE_BYTES).join();
    ByteBuffer second = pool.take(BufferPool.LARGE_BYTES).join();
    CompletableFuture<ByteBuffer> large = pool.take(BufferPool.LARGE_BYTES);
    CompletableFuture<ByteBuffer> small = pool.take(BufferPool.SMALL_BYTES);
    pool.give(first);
    assertTrue(large.isDone());
    assertFalse(small.isDone());
    pool.give(second);
    assertTrue(small.isDone());
  }

  @Test
  void waiterWhoGaveUp_leavesItsBufferToOthers() {
    ByteBuffer first = pool.take(BufferPool.LARGE_BYTES).join();
    pool.take(BufferPool.LARGE_BYTES).join();
    CompletableFuture<ByteBuffer> gone = pool.take(BufferPool.LARGE_BYTES);
    assertTrue(gone.cancel(false));
    pool.give(first);
    assertTrue(pool.take(BufferPool.LARGE_BYTES).isDone());
  }
}
