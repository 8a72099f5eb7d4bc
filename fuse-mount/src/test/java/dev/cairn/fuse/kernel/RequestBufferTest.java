package dev.cairn.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.fuse.kernel.KernelLayout.InHeader;
import dev.cairn.fuse.kernel.KernelLayout.WriteIn;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RequestBufferTest {

  private final RequestBuffers pool = new RequestBuffers(1, 1);

  @Test
  void theBytesOfAWrite_beginAtAPage() {
    assertEquals(0, (pool.take().address() + InHeader.SIZEOF + WriteIn.SIZEOF) % 4096);
  }

  @Test
  void aReleasedBuffer_isUsedAgain() {
    RequestBuffer buffer = pool.take();
    buffer.release();
    assertSame(buffer, pool.take());
  }

  @Test
  void aSharedBuffer_comesBackWithItsLastUser() {
    RequestBuffer buffer = pool.take();
    buffer.retain();
    assertFalse(buffer.isFree());
    buffer.release();
    assertTrue(buffer.isFree());
    assertNotSame(buffer, pool.take());
    buffer.release();
    assertSame(buffer, pool.take());
  }

  @Test
  void anAbandonedBuffer_isNeverUsedAgain() {
    RequestBuffer buffer = pool.take();
    buffer.retain();
    buffer.abandon();
    assertFalse(buffer.isFree(), "its loop would overwrite what somebody still reads");
    buffer.release();
    assertNotSame(buffer, pool.take());
  }

  @Test
  void aBufferGivenBackTwice_isABug() {
    RequestBuffer buffer = pool.take();
    buffer.release();
    assertThrows(IllegalStateException.class, buffer::release);
  }

  @Test
  void keep_ofMoreBuffersThanThereAreSpares_isRefused() {
    RequestBuffer first = pool.take();
    Lease kept = pool.keep(first);
    RequestBuffer second = pool.take();
    assertNull(pool.keep(second));
    kept.release();
    Lease again = pool.keep(second);
    assertNotNull(again);
    again.abandon();
    assertNotNull(pool.keep(first), "an abandoned buffer does not count for ever");
  }

  @Test
  void take_withoutMemory_getsTheBufferThatAWriteGivesBack() throws Exception {
    AtomicInteger left = new AtomicInteger(1);
    RequestBuffers scarce =
        new RequestBuffers(
            1,
            1,
            pool -> {
              if (left.getAndDecrement() > 0) {
                return new RequestBuffer(pool);
              }
              throw new OutOfMemoryError("as a test has it");
            });
    RequestBuffer only = scarce.take();
    Lease kept = scarce.keep(only);
    only.release();
    CompletableFuture<RequestBuffer> taken = CompletableFuture.supplyAsync(scarce::take);
    kept.release();
    assertSame(only, taken.get(30, TimeUnit.SECONDS));
  }
}
