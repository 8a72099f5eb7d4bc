package dev.cairn.rpc.wire;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The memory for headers that are longer than a connection's buffer, shared by all connections of
 * the process, so that they are few at a time: a header of 256 KiB may be parsed into megabytes.
 */
final class LongHeaders {

  private static final int BYTES = 2 << 20;
  private static final int WAIT_SECONDS = 2;
  private static final Semaphore FREE = new Semaphore(BYTES);

  private LongHeaders() {}

  /** The right to some of the memory, and the memory. */
  static final class Share implements AutoCloseable {

    private final byte[] bytes;

    private Share(int count) {
      bytes = new byte[count];
    }

    byte[] bytes() {
      return bytes;
    }

    @Override
    public void close() {
      FREE.release(bytes.length);
    }
  }

  /** Waits a moment for so many bytes; fails with {@code BUSY} when others have them. */
  static Share take(int count, String peer) throws CairnException {
    try {
      if (!FREE.tryAcquire(count, WAIT_SECONDS, TimeUnit.SECONDS)) {
        throw ErrorCode.BUSY.because("too many long headers besides the one of " + peer);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ErrorCode.STOPPING.because("interrupted in a header of " + peer, e);
    }
    boolean made = false;
    try {
      Share share = new Share(count);
      made = true;
      return share;
    } finally {
      if (!made) {
        FREE.release(count);
      }
    }
  }
}
