package dev.cairn.fuse.jnr;

import dev.cairn.client.vfs.Vfs;
import jnr.constants.platform.OpenFlags;

/** The flags of open(2), with the values of the system that runs. */
final class OpenBits {

  private static final int ACCESS = 3;
  private static final int WRITE_ONLY = OpenFlags.O_WRONLY.intValue();
  private static final int READ_WRITE = OpenFlags.O_RDWR.intValue();
  private static final int APPEND = OpenFlags.O_APPEND.intValue();
  private static final int TRUNCATE = OpenFlags.O_TRUNC.intValue();
  private static final int EXCLUSIVE = OpenFlags.O_EXCL.intValue();

  private OpenBits() {}

  static Vfs.OpenFlags of(int bits) {
    int access = bits & ACCESS;
    return new Vfs.OpenFlags(
        access != WRITE_ONLY,
        access == WRITE_ONLY || access == READ_WRITE,
        (bits & APPEND) != 0,
        (bits & TRUNCATE) != 0);
  }

  static boolean isExclusive(int bits) {
    return (bits & EXCLUSIVE) != 0;
  }
}
