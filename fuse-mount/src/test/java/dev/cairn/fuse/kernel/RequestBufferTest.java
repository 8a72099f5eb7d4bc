package dev.cairn.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.fuse.kernel.KernelLayout.InHeader;
import dev.cairn.fuse.kernel.KernelLayout.WriteIn;
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
  void thePool_saysWhenItHasNoSpareBuffer() {
    pool.take();
    assertTrue(pool.hasSpare());
    RequestBuffer last = pool.take();
    assertFalse(pool.hasSpare());
    last.release();
    assertTrue(pool.hasSpare());
  }
}
