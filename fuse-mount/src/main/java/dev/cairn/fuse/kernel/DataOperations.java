package dev.cairn.fuse.kernel;

import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.RangeChange;
import dev.cairn.fuse.SetIdPrivilege;
import dev.cairn.fuse.kernel.KernelLayout.CopyFileRangeIn;
import dev.cairn.fuse.kernel.KernelLayout.FallocateIn;
import dev.cairn.fuse.kernel.KernelLayout.LseekIn;
import dev.cairn.fuse.kernel.KernelLayout.LseekOut;
import dev.cairn.fuse.kernel.KernelLayout.ReadIn;
import dev.cairn.fuse.kernel.KernelLayout.WriteIn;
import dev.cairn.fuse.kernel.KernelLayout.WriteOut;
import dev.cairn.fuse.kernel.KernelNumbers.Opcode;
import dev.cairn.fuse.kernel.KernelNumbers.WriteFlag;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** The content of open files. */
final class DataOperations {

  // open(2); the same number on all architectures Java runs on
  private static final int O_APPEND = 02000;

  // fallocate(2)
  private static final int KEEP_SIZE = 0x1;
  private static final int PUNCH_HOLE = 0x2;

  // The reply has 32 bits for what was copied (struct fuse_write_out), and a copy that was made is
  // not to be refused for its length. Callers go on behind a short one: copy_file_range(2). This is
  // a multiple of all page sizes and chunk sizes.
  private static final long LONGEST_COPY = 1L << 30;

  // lseek(2); the kernel answers the other kinds itself
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  private final Vfs vfs;
  private final RequestBuffers requestBuffers;
  private final SetIdFiles setIdFiles;

  DataOperations(Vfs vfs, RequestBuffers requestBuffers, SetIdFiles setIdFiles) {
    this.vfs = vfs;
    this.requestBuffers = requestBuffers;
    this.setIdFiles = setIdFiles;
  }

  void register(Operations operations) {
    operations.add(Opcode.READ, this::read);
    operations.add(Opcode.WRITE, this::write);
    operations.add(Opcode.FALLOCATE, this::changeRange);
    operations.add(Opcode.COPY_FILE_RANGE, this::copyRange);
    operations.add(Opcode.LSEEK, this::seek);
  }

  private void read(Request request, Reply reply) {
    long handle = request.longAt(ReadIn.FH);
    long offset = request.longAt(ReadIn.OFFSET);
    int size = Math.min(request.intAt(ReadIn.SIZE), ReplyBuffers.LONGEST);
    reply.answerUpTo(
        size, body -> vfs.read(handle, offset, body.slice(0, size)), (length, body) -> length);
  }

  private void write(Request request, Reply reply) {
    long node = request.node();
    int size = request.intAt(WriteIn.SIZE);
    boolean clearSetIdBits = (request.intAt(WriteIn.WRITE_FLAGS) & WriteFlag.KILL_SUIDGID) != 0;
    ByteBuffer bytes = request.slice(WriteIn.SIZEOF, size);
    Lease lease = requestBuffers.keep(request.buffer());
    if (lease == null) {
      lease = requestBuffers.copyRoom(size);
      bytes = ByteBuffer.allocate(size).put(bytes).flip();
    }
    CompletableFuture<Integer> writing;
    try {
      long handle = request.longAt(WriteIn.FH);
      long offset = request.longAt(WriteIn.OFFSET);
      // The flags as they are now; none when the kernel writes pages of a mapping back
      // (fuse_send_writepage in fs/fuse/file.c).
      boolean append = (request.intAt(WriteIn.FLAGS) & O_APPEND) != 0;
      writing =
          append
              ? vfs.append(handle, offset, bytes, clearSetIdBits)
              : vfs.write(handle, offset, bytes, clearSetIdBits);
    } catch (RuntimeException | Error e) {
      lease.abandon();
      throw e;
    }
    reply.answerKeeping(
        writing,
        (length, body) -> {
          if (clearSetIdBits) {
            setIdFiles.cleared(node);
          }
          return putLength(length, body);
        },
        lease);
  }

  private void changeRange(Request request, Reply reply) {
    long node = request.node();
    RangeChange change =
        switch (request.intAt(FallocateIn.MODE)) {
          case 0 -> RangeChange.ALLOCATE;
          case KEEP_SIZE -> RangeChange.ALLOCATE_KEEP_SIZE;
          case KEEP_SIZE | PUNCH_HOLE -> RangeChange.PUNCH_HOLE;
          default -> null;
        };
    if (change == null) {
      reply.errno(Errno.EOPNOTSUPP);
      return;
    }
    boolean clearSetIdBits = SetIdPrivilege.isLackedBy(request.caller());
    reply.answer(
        vfs.changeRange(
            request.longAt(FallocateIn.FH),
            change,
            request.longAt(FallocateIn.OFFSET),
            request.longAt(FallocateIn.LENGTH),
            clearSetIdBits),
        (done, body) -> {
          if (clearSetIdBits) {
            setIdFiles.cleared(node);
          }
          return 0;
        });
  }

  private void copyRange(Request request, Reply reply) {
    if (request.longAt(CopyFileRangeIn.FLAGS) != 0) {
      reply.errno(Errno.EINVAL);
      return;
    }
    long target = request.longAt(CopyFileRangeIn.NODEID_OUT);
    boolean clearSetIdBits = SetIdPrivilege.isLackedBy(request.caller());
    long asked = request.longAt(CopyFileRangeIn.LEN);
    reply.answer(
        vfs.copyRange(
            request.longAt(CopyFileRangeIn.FH_IN),
            request.longAt(CopyFileRangeIn.OFF_IN),
            request.longAt(CopyFileRangeIn.FH_OUT),
            request.longAt(CopyFileRangeIn.OFF_OUT),
            asked < 0 ? LONGEST_COPY : Math.min(asked, LONGEST_COPY),
            clearSetIdBits),
        (copied, body) -> {
          if (clearSetIdBits) {
            setIdFiles.cleared(target);
          }
          return putLength(Math.toIntExact(copied), body);
        });
  }

  private void seek(Request request, Reply reply) {
    int whence = request.intAt(LseekIn.WHENCE);
    if (whence != SEEK_DATA && whence != SEEK_HOLE) {
      reply.errno(Errno.EINVAL);
      return;
    }
    reply.answer(
        vfs.seek(request.longAt(LseekIn.FH), request.longAt(LseekIn.OFFSET), whence == SEEK_HOLE),
        (offset, body) -> {
          body.putLong(LseekOut.OFFSET, offset);
          return LseekOut.SIZEOF;
        });
  }

  private static int putLength(int length, ByteBuffer body) {
    body.putInt(WriteOut.SIZE, length);
    body.putInt(WriteOut.PADDING, 0);
    return WriteOut.SIZEOF;
  }
}
