package dev.cairn.fuse.kernel;

import dev.cairn.rpc.proto.Attributes;
import java.nio.ByteBuffer;

/**
 * The reply to FUSE_STATX, which the kernel sends for what GETATTR does not tell: the time of
 * birth. Of protocol 7.39 (Linux 6.6, {@code struct fuse_statx_out} in {@code <linux/fuse.h>}).
 */
final class StatxLayout {

  static final int OPCODE = 52;

  static final int SIZEOF = 288;

  // struct fuse_statx_out
  private static final int ATTR_VALID = 0;
  private static final int ATTR_VALID_NSEC = 8;
  private static final int STAT = 32;

  // struct fuse_statx
  private static final int MASK = STAT;
  private static final int BLKSIZE = STAT + 4;
  private static final int NLINK = STAT + 16;
  private static final int UID = STAT + 20;
  private static final int GID = STAT + 24;
  private static final int MODE = STAT + 28;
  private static final int INO = STAT + 32;
  private static final int SIZE = STAT + 40;
  private static final int BLOCKS = STAT + 48;
  private static final int ATIME = STAT + 64;
  private static final int BTIME = STAT + 80;
  private static final int CTIME = STAT + 96;
  private static final int MTIME = STAT + 112;
  private static final int RDEV_MAJOR = STAT + 128;
  private static final int RDEV_MINOR = STAT + 132;

  // statx(2): <linux/stat.h>
  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final int STATX_BTIME = 0x800;

  private static final long NANOS = 1_000_000_000L;

  private StatxLayout() {}

  /** Writes the reply; returns its length. */
  static int put(Attributes from, long validSeconds, int validNanos, ByteBuffer body) {
    for (int i = 0; i < SIZEOF; i += Long.BYTES) {
      body.putLong(i, 0);
    }
    body.putLong(ATTR_VALID, validSeconds);
    body.putInt(ATTR_VALID_NSEC, validNanos);
    body.putInt(MASK, from.hasBtime() ? STATX_BASIC_STATS | STATX_BTIME : STATX_BASIC_STATS);
    body.putInt(BLKSIZE, AttributeLayout.PREFERRED_IO);
    body.putInt(NLINK, from.getLinks());
    body.putInt(UID, from.getUid());
    body.putInt(GID, from.getGid());
    body.putShort(MODE, (short) (FileMode.of(from.getType()) | from.getPermissions()));
    body.putLong(INO, from.getInode());
    body.putLong(SIZE, from.getSize());
    body.putLong(BLOCKS, (from.getAllocated() + AttributeLayout.BLOCK - 1) / AttributeLayout.BLOCK);
    putTime(from.getAtime(), body, ATIME);
    putTime(from.getBtime(), body, BTIME);
    putTime(from.getCtime(), body, CTIME);
    putTime(from.getMtime(), body, MTIME);
    // new_encode_dev in <linux/kdev_t.h>
    int device = from.getDevice();
    body.putInt(RDEV_MAJOR, (device >>> 8) & 0xfff);
    body.putInt(RDEV_MINOR, (device & 0xff) | ((device >>> 12) & 0xfff00));
    return SIZEOF;
  }

  private static void putTime(long nanos, ByteBuffer body, int at) {
    body.putLong(at, Math.floorDiv(nanos, NANOS));
    body.putInt(at + Long.BYTES, (int) Math.floorMod(nanos, NANOS));
  }
}
