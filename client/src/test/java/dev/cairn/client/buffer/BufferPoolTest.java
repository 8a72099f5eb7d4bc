package dev.cairn.client.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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
  void idleBuffersOfOneSize_leaveTheirRoomToTheOther() {
    List<ByteBuffer> small = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      small.add(pool.take(BufferPool.SMALL_BYTES).join());
    }
    small.forEach(pool::give);
    ByteBuffer first = pool.take(BufferPool.LARGE_BYTES).join();
    ByteBuffer second = pool.take(BufferPool.LARGE_BYTES).join();
    assertFalse(pool.take(BufferPool.SMALL_BYTES).isDone());
    pool.give(first);
    pool.give(second);
  }

  @Test
  void take_withoutMemory_waitsForABufferThatIsLent() {
    int[] left = {1};
    BufferPool scarce = new BufferPool(4L << 20, () -> {}, size -> scarce(left, size));
    ByteBuffer only = scarce.take(BufferPool.LARGE_BYTES).join();
    CompletableFuture<ByteBuffer> second = scarce.take(BufferPool.LARGE_BYTES);
    assertFalse(second.isDone());
    scarce.give(only);
    assertSame(only, second.join());
  }

  @Test
  void take_withoutMemoryAndNothingLent_failsAndLeavesTheBudgetAsItIs() {
    int[] left = {0};
    BufferPool scarce = new BufferPool(4L << 20, () -> {}, size -> scarce(left, size));
    CompletionException e =
        assertThrows(CompletionException.class, () -> scarce.take(BufferPool.LARGE_BYTES).join());
    assertEquals(ErrorCode.NO_MEMORY, ((CairnException) e.getCause()).code());
    assertEquals(0, scarce.lentBytes());
    left[0] = 4;
    for (int i = 0; i < 4; i++) {
      assertTrue(scarce.take(BufferPool.LARGE_BYTES).isDone());
    }
  }

  private static ByteBuffer scarce(int[] left, int size) throws CairnException {
    if (left[0]-- > 0) {
      return ByteBuffer.allocate(size);
    }
    throw ErrorCode.NO_MEMORY.because("as a test has it");
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
