package dev.cairn.fuse.jnr;

import com.kenai.jffi.MemoryIO;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.AttributeChange;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.Attributes;
import java.util.concurrent.CompletableFuture;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import ru.serce.jnrfuse.struct.Statvfs;

/**
 * The callbacks that show and change attributes.
 *
 * <p>The kernel's one request to change several attributes comes as one callback for each, and then
 * one that asks for all of them: that is answered with what the last change has answered, without
 * asking again.
 */
final class AttributeCalls {

  private static final int PERMISSIONS = 07777;
  private static final int UNCHANGED_OWNER = -1;
  private static final int TIMESPEC_BYTES = 16;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final long MOST_SECONDS = Long.MAX_VALUE / NANOS_PER_SECOND;

  // Special nanoseconds of utimensat(2), sys/stat.h of Linux and of macOS.
  private static final long LINUX_NOW = (1L << 30) - 1;
  private static final long LINUX_OMIT = (1L << 30) - 2;
  private static final long DARWIN_NOW = -1;
  private static final long DARWIN_OMIT = -2;

  private static final int BLOCK_BYTES = 4096;
  private static final int LONGEST_NAME = 255;
  private static final MemoryIO MEMORY = MemoryIO.getInstance();

  private final Vfs vfs;
  private final Answers answers;
  private final PathResolver paths;
  private final OpenFiles files;

  AttributeCalls(Vfs vfs, Answers answers, PathResolver paths, OpenFiles files) {
    this.vfs = vfs;
    this.answers = answers;
    this.paths = paths;
    this.files = files;
  }

  int getAttributes(long path, long stat) throws CairnException {
    Request request = Request.current();
    if (request.result() != null) {
      Stat.write(stat, request.result(), 0);
      return 0;
    }
    FusePath file = FusePath.at(path);
    if (request.opcode() != Request.GETATTR) {
      Stat.write(stat, paths.lookup(file), 0);
      return 0;
    }
    // libfuse takes its made-up name for a real one and counts it off again.
    Attributes attributes = answers.await(vfs.getAttributes(paths.inode(file)));
    Stat.write(stat, attributes, paths.isHidden(file) ? 1 : 0);
    return 0;
  }

  int getOpenAttributes(long stat, long fileInfo) throws CairnException {
    Attributes known = Request.current().result();
    long inode = files.inode(FileInfo.handle(fileInfo));
    Stat.write(stat, known != null ? known : answers.await(vfs.getAttributes(inode)), 0);
    return 0;
  }

  int changeMode(long path, int mode) throws CairnException {
    return change(
        paths.inode(FusePath.at(path)),
        new AttributeChange(mode & PERMISSIONS, null, null, null, null, null, false, false, false));
  }

  int changeOwner(long path, int uid, int gid) throws CairnException {
    return change(
        paths.inode(FusePath.at(path)),
        new AttributeChange(
            null,
            uid == UNCHANGED_OWNER ? null : uid,
            gid == UNCHANGED_OWNER ? null : gid,
            null,
            null,
            null,
            false,
            false,
            false));
  }

  int truncate(long path, long size) throws CairnException {
    return change(paths.inode(FusePath.at(path)), resize(size));
  }

  int truncateOpen(long size, long fileInfo) throws CairnException {
    long handle = FileInfo.handle(fileInfo);
    return changed(vfs.setAttributes(files.inode(handle), handle, resize(size)));
  }

  private static AttributeChange resize(long size) {
    return new AttributeChange(null, null, null, size, null, null, false, false, false);
  }

  /** {@code times} is two of {@code struct timespec}: of the last access, then of the content. */
  int changeTimes(long path, long times) throws CairnException {
    long accessNanos = MEMORY.getLong(times + Long.BYTES);
    long modifyNanos = MEMORY.getLong(times + TIMESPEC_BYTES + Long.BYTES);
    return change(
        paths.inode(FusePath.at(path)),
        new AttributeChange(
            null,
            null,
            null,
            null,
            time(MEMORY.getLong(times), accessNanos),
            time(MEMORY.getLong(times + TIMESPEC_BYTES), modifyNanos),
            isNow(accessNanos),
            isNow(modifyNanos),
            false));
  }

  /** A time as close as nanoseconds in a long come to it: 1677 to 2262. */
  private static Long time(long seconds, long nanos) {
    return isNow(nanos) || nanos == LINUX_OMIT || nanos == DARWIN_OMIT
        ? null
        : (Long)
            (Math.max(-MOST_SECONDS, Math.min(seconds, MOST_SECONDS - 1)) * NANOS_PER_SECOND
                + nanos);
  }

  private static boolean isNow(long nanos) {
    return nanos == LINUX_NOW || nanos == DARWIN_NOW;
  }

  private int change(long inode, AttributeChange change) throws CairnException {
    return changed(vfs.setAttributes(inode, change));
  }

  private int changed(CompletableFuture<Attributes> attributes) throws CairnException {
    Request.current().result(answers.await(attributes));
    return 0;
  }

  int statFilesystem(long address) throws CairnException {
    Vfs.Capacity capacity = answers.await(vfs.capacity());
    Statvfs stat = Statvfs.of(Pointer.wrap(Runtime.getSystemRuntime(), address));
    long freeBlocks = capacity.freeBytes() / BLOCK_BYTES;
    stat.f_bsize.set(BLOCK_BYTES);
    stat.f_frsize.set(BLOCK_BYTES);
    stat.f_blocks.set(capacity.totalBytes() / BLOCK_BYTES);
    stat.f_bfree.set(freeBlocks);
    stat.f_bavail.set(freeBlocks);
    // Inodes are not limited: as many are free as files of one block have room.
    stat.f_files.set(capacity.inodes() + freeBlocks);
    stat.f_ffree.set(freeBlocks);
    stat.f_favail.set(freeBlocks);
    stat.f_namemax.set(LONGEST_NAME);
    return 0;
  }
}
