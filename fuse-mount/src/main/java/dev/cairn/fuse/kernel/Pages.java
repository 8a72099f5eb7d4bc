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
    return ByteBuffer.allocateDirect(bytes(bytes)).alignedSlice(SIZE);
  }

  /** Bytes that {@link #allocate} takes for a buffer of so many: whole pages, and one to align. */
  static int bytes(int wanted) {
    return (wanted + SIZE - 1) / SIZE * SIZE + SIZE;
  }
}
