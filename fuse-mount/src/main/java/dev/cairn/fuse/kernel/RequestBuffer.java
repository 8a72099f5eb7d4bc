package dev.cairn.fuse.kernel;

import dev.cairn.fuse.kernel.KernelLayout.InHeader;
import dev.cairn.fuse.kernel.KernelLayout.WriteIn;
import dev.cairn.rpc.Check;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory for one request of any length, placed so that the bytes of a WRITE begin at a page: the
 * kernel copies page by page. Shared between the loop that reads into it and, at most, one WRITE
 * that is not done; whoever lets go last gives it back.
 */
final class RequestBuffer {

  static final int MAX_WRITE = 1 << 20;
  static final int LONGEST_REQUEST = InHeader.SIZEOF + WriteIn.SIZEOF + MAX_WRITE;

  private static final int START = Pages.SIZE - InHeader.SIZEOF - WriteIn.SIZEOF;

  private final RequestBuffers pool;
  private final ByteBuffer bytes;
  private final long address;
  private final AtomicInteger users = new AtomicInteger();
  private volatile boolean abandoned;

  RequestBuffer(RequestBuffers pool) {
    this.pool = pool;
    ByteBuffer aligned = Pages.allocate(Pages.SIZE + MAX_WRITE);
    this.address = LibC.address(aligned) + START;
    this.bytes = aligned.slice(START, LONGEST_REQUEST).order(ByteOrder.nativeOrder());
  }

  /** Bytes that a buffer takes. */
  static int bytesEach() {
    return Pages.bytes(Pages.SIZE + MAX_WRITE);
  }

  long address() {
    return address;
  }

  /** The request from its header on, in the machine's byte order. */
  ByteBuffer bytes() {
    return bytes;
  }

  void retain() {
    users.incrementAndGet();
  }

  /** Whether its only user, who asks, may overwrite it. */
  boolean isFree() {
    return users.get() == 1 && !abandoned;
  }

  /** The user may still look at it, or write to it: it is never used again. */
  void abandon() {
    abandoned = true;
    release();
  }

  void release() {
    int left = users.decrementAndGet();
    Check.that(left >= 0, "a request buffer was given back twice");
    if (left == 0) {
      pool.giveBack(this, abandoned);
    }
  }
}
