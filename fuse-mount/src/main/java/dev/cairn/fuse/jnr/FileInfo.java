package dev.cairn.fuse.jnr;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteOrder;

/**
 * The members of {@code struct fuse_file_info} (libfuse 2, fuse_common.h) on 64-bit systems:
 *
 * <pre>
 *    0  int flags
 *    8  unsigned long fh_old
 *   16  int writepage (the kernel writes pages of a mapping back)
 *   20  unsigned direct_io:1, keep_cache:1, flush:1, nonseekable:1, flock_release:1
 *   24  uint64_t fh
 *   32  uint64_t lock_owner
 * </pre>
 *
 * jnr-fuse's FuseFileInfo has the same places for {@code flags} and {@code fh}, but leaves out
 * {@code writepage}, makes a byte of every bit and gives no access to them.
 */
final class FileInfo {

  static final int FLAGS = 0;
  static final int WRITE_PAGE = 16;
  static final int BITS = 20;
  static final int HANDLE = 24;
  static final int LOCK_OWNER = 32;

  static final int DIRECT_IO = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 1 : 1 << 31;

  /** Compilers lay bit-fields out from the least significant bit, or on big-endian the most. */
  static final int KEEP_CACHE =
      ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 1 << 1 : 1 << 30;

  private static final MemoryIO MEMORY = MemoryIO.getInstance();

  private FileInfo() {}

  static int flags(long fileInfo) {
    return MEMORY.getInt(fileInfo + FLAGS);
  }

  static long handle(long fileInfo) {
    return MEMORY.getLong(fileInfo + HANDLE);
  }

  static void setHandle(long fileInfo, long handle) {
    MEMORY.putLong(fileInfo + HANDLE, handle);
  }

  static long lockOwner(long fileInfo) {
    return MEMORY.getLong(fileInfo + LOCK_OWNER);
  }

  static boolean isWritePage(long fileInfo) {
    return MEMORY.getInt(fileInfo + WRITE_PAGE) != 0;
  }

  /** Has the kernel keep no pages of what is written through this descriptor. */
  static void setDirect(long fileInfo) {
    MEMORY.putInt(fileInfo + BITS, MEMORY.getInt(fileInfo + BITS) | DIRECT_IO);
  }

  static void setKeepCache(long fileInfo) {
    MEMORY.putInt(fileInfo + BITS, MEMORY.getInt(fileInfo + BITS) | KEEP_CACHE);
  }
}
