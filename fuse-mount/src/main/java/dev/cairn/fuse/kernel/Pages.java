package dev.cairn.fuse.kernel;

import java.nio.ByteBuffer;

/**
 * Memory that begins at a page: the kernel copies page by page, so nothing is copied in two parts.
 */
final class Pages {

  static final int SIZE = 4096;

  private Pages() {}

  /** A direct buffer of so many bytes, or a few more. */
  static ByteBuffer allocate(int bytes) {
    int whole = (bytes + SIZE - 1) / SIZE * SIZE;
    return ByteBuffer.allocateDirect(whole + SIZE).alignedSlice(SIZE);
  }
}
