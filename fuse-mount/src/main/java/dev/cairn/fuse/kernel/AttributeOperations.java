package dev.cairn.fuse.kernel;

import dev.cairn.client.vfs.Vfs;
import dev.cairn.fuse.kernel.KernelLayout.Kstatfs;
import dev.cairn.fuse.kernel.KernelLayout.SetattrIn;
import dev.cairn.fuse.kernel.KernelNumbers.Opcode;
import dev.cairn.fuse.kernel.KernelNumbers.SetattrField;
import java.nio.ByteBuffer;

/** Attributes of inodes, and of the filesystem. */
final class AttributeOperations {

  /** What statfs(2) counts in. */
  private static final int BLOCK = 4096;

  private static final int LONGEST_NAME = 255;
  private static final long NANOS = 1_000_000_000L;
  private static final long MOST_SECONDS = Long.MAX_VALUE / NANOS;

  private final Vfs vfs;
  private final AttributeLayout layout;

  AttributeOperations(Vfs vfs, AttributeLayout layout) {
    this.vfs = vfs;
    this.layout = layout;
  }

  void register(Operations operations) {
    operations.add(Opcode.GETATTR, this::get);
    operations.add(StatxLayout.OPCODE, this::statx);
    operations.add(Opcode.SETATTR, this::set);
    operations.add(Opcode.STATFS, this::capacity);
  }

  private void get(Request request, Reply reply) {
    reply.answer(vfs.getAttributes(request.node()), layout::attributes);
  }

  private void statx(Request request, Reply reply) {
    reply.answer(vfs.getAttributes(request.node()), layout::statx);
  }

  private void set(Request request, Reply reply) {
    boolean open = has(request.intAt(SetattrIn.VALID), SetattrField.FH);
    reply.answer(
        open
            ? vfs.setAttributes(request.node(), request.longAt(SetattrIn.FH), change(request))
            : vfs.setAttributes(request.node(), change(request)),
        layout::attributes);
  }

  private static Vfs.AttributeChange change(Request request) {
    int valid = request.intAt(SetattrIn.VALID);
    boolean atimeNow = (valid & SetattrField.ATIME_NOW) != 0;
    boolean mtimeNow = (valid & SetattrField.MTIME_NOW) != 0;
    return new Vfs.AttributeChange(
        has(valid, SetattrField.MODE)
            ? Integer.valueOf(request.intAt(SetattrIn.MODE) & FileMode.PERMISSIONS)
            : null,
        has(valid, SetattrField.UID) ? Integer.valueOf(request.intAt(SetattrIn.UID)) : null,
        has(valid, SetattrField.GID) ? Integer.valueOf(request.intAt(SetattrIn.GID)) : null,
        has(valid, SetattrField.SIZE) ? Long.valueOf(request.longAt(SetattrIn.SIZE)) : null,
        has(valid, SetattrField.ATIME) && !atimeNow
            ? nanos(request, SetattrIn.ATIME, SetattrIn.ATIMENSEC)
            : null,
        has(valid, SetattrField.MTIME) && !mtimeNow
            ? nanos(request, SetattrIn.MTIME, SetattrIn.MTIMENSEC)
            : null,
        atimeNow,
        mtimeNow,
        has(valid, SetattrField.KILL_SUIDGID));
  }

  private static boolean has(int valid, int field) {
    return (valid & field) != 0;
  }

  /** A time as close as nanoseconds in a long come to it: 1677 to 2262. */
  private static Long nanos(Request request, int secondsAt, int nanosAt) {
    long seconds = Math.max(-MOST_SECONDS, Math.min(request.longAt(secondsAt), MOST_SECONDS - 1));
    return seconds * NANOS + request.intAt(nanosAt);
  }

  private void capacity(Request request, Reply reply) {
    reply.answer(vfs.capacity(), AttributeOperations::putCapacity);
  }

  private static int putCapacity(Vfs.Capacity capacity, ByteBuffer body) {
    long freeBlocks = capacity.freeBytes() / BLOCK;
    for (int i = 0; i < Kstatfs.SIZEOF; i += Long.BYTES) {
      body.putLong(i, 0);
    }
    body.putLong(Kstatfs.BLOCKS, capacity.totalBytes() / BLOCK);
    body.putLong(Kstatfs.BFREE, freeBlocks);
    body.putLong(Kstatfs.BAVAIL, freeBlocks);
    // Inodes are not limited: as many are free as files of one block have room.
    body.putLong(Kstatfs.FILES, capacity.inodes() + freeBlocks);
    body.putLong(Kstatfs.FFREE, freeBlocks);
    body.putInt(Kstatfs.BSIZE, BLOCK);
    body.putInt(Kstatfs.FRSIZE, BLOCK);
    body.putInt(Kstatfs.NAMELEN, LONGEST_NAME);
    return Kstatfs.SIZEOF;
  }
}
