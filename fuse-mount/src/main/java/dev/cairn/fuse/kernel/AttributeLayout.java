package dev.cairn.fuse.kernel;

import dev.cairn.fuse.kernel.KernelLayout.Attr;
import dev.cairn.fuse.kernel.KernelLayout.AttrOut;
import dev.cairn.fuse.kernel.KernelLayout.EntryOut;
import dev.cairn.rpc.proto.Attributes;
import java.nio.ByteBuffer;

/** Attributes as the kernel wants them, with the time it may trust them for. */
final class AttributeLayout {

  /** What st_blocks counts in: stat(2). */
  static final int BLOCK = 512;

  /** A page, so that the kernel's page cache and st_blksize agree. */
  static final int PREFERRED_IO = 4096;

  private static final long NANOS = 1_000_000_000L;

  private final SetIdFiles setIdFiles;
  private final long validSeconds;
  private final int validNanos;

  AttributeLayout(int cacheMillis, SetIdFiles setIdFiles) {
    this.setIdFiles = setIdFiles;
    this.validSeconds = cacheMillis / 1000;
    this.validNanos = cacheMillis % 1000 * 1_000_000;
  }

  /** Writes a {@code fuse_attr_out}; answers its length. */
  int attributes(Attributes attributes, ByteBuffer body) {
    body.putLong(AttrOut.ATTR_VALID, validSeconds);
    body.putInt(AttrOut.ATTR_VALID_NSEC, validNanos);
    body.putInt(AttrOut.DUMMY, 0);
    put(attributes, body, AttrOut.ATTR);
    return AttrOut.SIZEOF;
  }

  /** Writes a {@code fuse_statx_out}; returns its length. */
  int statx(Attributes attributes, ByteBuffer body) {
    setIdFiles.given(attributes);
    return StatxLayout.put(attributes, validSeconds, validNanos, body);
  }

  /** Writes a {@code fuse_entry_out}; answers its length. */
  int entry(Attributes attributes, ByteBuffer body) {
    putEntry(attributes, body, 0);
    return EntryOut.SIZEOF;
  }

  /**
   * Writes a {@code fuse_entry_out}. The node id is the inode number; generations are not needed,
   * since the cluster never uses an inode number again.
   */
  void putEntry(Attributes attributes, ByteBuffer body, int at) {
    body.putLong(at + EntryOut.NODEID, attributes.getInode());
    body.putLong(at + EntryOut.GENERATION, 0);
    body.putLong(at + EntryOut.ENTRY_VALID, validSeconds);
    body.putInt(at + EntryOut.ENTRY_VALID_NSEC, validNanos);
    body.putLong(at + EntryOut.ATTR_VALID, validSeconds);
    body.putInt(at + EntryOut.ATTR_VALID_NSEC, validNanos);
    put(attributes, body, at + EntryOut.ATTR);
  }

  /** Writes an entry that is only a name to the kernel, nothing to look up: node id 0. */
  static void putNoEntry(ByteBuffer body, int at) {
    for (int i = 0; i < EntryOut.SIZEOF; i += Long.BYTES) {
      body.putLong(at + i, 0);
    }
  }

  private void put(Attributes from, ByteBuffer body, int at) {
    setIdFiles.given(from);
    body.putLong(at + Attr.INO, from.getInode());
    body.putLong(at + Attr.SIZE, from.getSize());
    body.putLong(at + Attr.BLOCKS, (from.getAllocated() + BLOCK - 1) / BLOCK);
    body.putLong(at + Attr.ATIME, Math.floorDiv(from.getAtime(), NANOS));
    body.putLong(at + Attr.MTIME, Math.floorDiv(from.getMtime(), NANOS));
    body.putLong(at + Attr.CTIME, Math.floorDiv(from.getCtime(), NANOS));
    body.putInt(at + Attr.ATIMENSEC, (int) Math.floorMod(from.getAtime(), NANOS));
    body.putInt(at + Attr.MTIMENSEC, (int) Math.floorMod(from.getMtime(), NANOS));
    body.putInt(at + Attr.CTIMENSEC, (int) Math.floorMod(from.getCtime(), NANOS));
    body.putInt(at + Attr.MODE, FileMode.of(from.getType()) | from.getPermissions());
    body.putInt(at + Attr.NLINK, from.getLinks());
    body.putInt(at + Attr.UID, from.getUid());
    body.putInt(at + Attr.GID, from.getGid());
    body.putInt(at + Attr.RDEV, from.getDevice());
    body.putInt(at + Attr.BLKSIZE, PREFERRED_IO);
    body.putInt(at + Attr.FLAGS, 0);
  }
}
