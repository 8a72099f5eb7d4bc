package dev.cairn.fuse.kernel;

import com.google.protobuf.ByteString;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.fuse.kernel.KernelLayout.CreateIn;
import dev.cairn.fuse.kernel.KernelLayout.EntryOut;
import dev.cairn.fuse.kernel.KernelLayout.FlushIn;
import dev.cairn.fuse.kernel.KernelLayout.FsyncIn;
import dev.cairn.fuse.kernel.KernelLayout.OpenIn;
import dev.cairn.fuse.kernel.KernelLayout.OpenOut;
import dev.cairn.fuse.kernel.KernelLayout.ReleaseIn;
import dev.cairn.fuse.kernel.KernelNumbers.Opcode;
import dev.cairn.fuse.kernel.KernelNumbers.OpenFlag;
import dev.cairn.fuse.kernel.KernelNumbers.OpenReply;
import dev.cairn.rpc.SetIdBits;
import dev.cairn.rpc.proto.Attributes;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** Opening files and closing them again. */
final class FileOperations {

  // open(2); the same numbers on all architectures Java runs on.
  private static final int O_ACCMODE = 03;
  private static final int O_RDONLY = 00;
  private static final int O_WRONLY = 01;
  private static final int O_EXCL = 0200;
  private static final int O_TRUNC = 01000;
  private static final int O_APPEND = 02000;

  /**
   * The data version of a file that was never written: what is new keeps the bits it is made with.
   */
  private static final long FIRST_VERSION = 1;

  private static final Vfs.AttributeChange CLEAR_SET_ID_BITS =
      new Vfs.AttributeChange(null, null, null, null, null, null, false, false, true);

  private final Vfs vfs;
  private final AttributeLayout layout;
  private final Notifications notifications;
  private final SetIdFiles setIdFiles;
  private final LockOperations locks;

  FileOperations(
      Vfs vfs,
      AttributeLayout layout,
      Notifications notifications,
      SetIdFiles setIdFiles,
      LockOperations locks) {
    this.vfs = vfs;
    this.layout = layout;
    this.notifications = notifications;
    this.setIdFiles = setIdFiles;
    this.locks = locks;
  }

  void register(Operations operations) {
    operations.add(Opcode.OPEN, this::open);
    operations.add(Opcode.CREATE, this::create);
    operations.add(Opcode.TMPFILE, this::createUnnamed);
    operations.add(Opcode.FLUSH, this::flush);
    operations.add(Opcode.FSYNC, this::fsync);
    operations.add(Opcode.RELEASE, this::release);
  }

  private void open(Request request, Reply reply) {
    int flags = request.intAt(OpenIn.FLAGS);
    long node = request.node();
    CompletableFuture<Vfs.Opened> opening = vfs.open(node, openFlags(flags));
    if ((request.intAt(OpenIn.OPEN_FLAGS) & OpenFlag.KILL_SUIDGID) != 0) {
      opening = opening.thenCompose(opened -> clearSetIdBits(node, opened));
    }
    reply.answer(
        Opening.cancellable(opening, this::close),
        (opened, body) -> {
          if (opened.attributesChanged()) {
            // Before the reply: the first read behind the open asks how long the file is.
            notifications.attributesChanged(node);
          }
          return putOpened(opened, flags, body, 0);
        });
  }

  private CompletableFuture<Vfs.Opened> clearSetIdBits(long node, Vfs.Opened opened) {
    return setIdBitsCleared(node, opened).thenApply(attributes -> opened);
  }

  /** Clears what truncation by somebody unprivileged clears: FUSE_HANDLE_KILLPRIV_V2. */
  private CompletableFuture<Attributes> setIdBitsCleared(long node, Vfs.Opened opened) {
    return vfs.setAttributes(node, CLEAR_SET_ID_BITS)
        .whenComplete(
            (attributes, error) -> {
              if (error != null) {
                close(opened);
              } else {
                setIdFiles.cleared(node);
              }
            });
  }

  private void create(Request request, Reply reply) {
    int flags = request.intAt(CreateIn.FLAGS);
    ByteString name = request.text(CreateIn.SIZEOF);
    CompletableFuture<Vfs.Created> creating =
        vfs.create(
            request.caller(),
            request.node(),
            name,
            request.intAt(CreateIn.MODE) & FileMode.PERMISSIONS,
            (flags & O_EXCL) != 0,
            openFlags(flags));
    if ((request.intAt(CreateIn.OPEN_FLAGS) & OpenFlag.KILL_SUIDGID) != 0) {
      // O_TRUNC without O_EXCL: somebody else may have made the file just before.
      creating = creating.thenCompose(this::clearSetIdBits);
    }
    answerCreated(creating, flags, reply);
  }

  /** The kernel gives a name, which means nothing (vfs_tmpfile in fs/namei.c). */
  private void createUnnamed(Request request, Reply reply) {
    int flags = request.intAt(CreateIn.FLAGS);
    int permissions = request.intAt(CreateIn.MODE) & FileMode.PERMISSIONS;
    answerCreated(
        vfs.createUnnamed(request.caller(), request.node(), permissions, openFlags(flags)),
        flags,
        reply);
  }

  private void answerCreated(CompletableFuture<Vfs.Created> creating, int flags, Reply reply) {
    reply.answer(
        Opening.cancellable(creating, created -> close(created.opened())),
        (created, body) -> {
          layout.putEntry(created.attributes(), body, 0);
          return EntryOut.SIZEOF + putOpened(created.opened(), flags, body, EntryOut.SIZEOF);
        });
  }

  private CompletableFuture<Vfs.Created> clearSetIdBits(Vfs.Created created) {
    Attributes attributes = created.attributes();
    boolean isNew = attributes.getDataVersion() <= FIRST_VERSION;
    if (isNew || !SetIdBits.areIn(attributes.getPermissions())) {
      return CompletableFuture.completedFuture(created);
    }
    return setIdBitsCleared(attributes.getInode(), created.opened())
        .thenApply(cleared -> new Vfs.Created(cleared, created.opened()));
  }

  private static Vfs.OpenFlags openFlags(int flags) {
    int mode = flags & O_ACCMODE;
    return new Vfs.OpenFlags(
        mode != O_WRONLY, mode != O_RDONLY, (flags & O_APPEND) != 0, (flags & O_TRUNC) != 0);
  }

  /**
   * Writes a {@code fuse_open_out}. A file that is open for reading only has nothing to flush, so
   * its close(2) need not come here (Linux 5.16 and later ask). From the mount's first fcntl lock
   * on it must: FLUSH gives up the closing process's locks. What was opened before that gives them
   * up with the last close, at RELEASE.
   *
   * <p>What is open for appending is not cached by the kernel: it would cut a write(2) that begins
   * in the middle of a page in two (fuse_fill_write_pages in fs/fuse/file.c), between which others
   * may append, and it does not know where the bytes go.
   */
  private int putOpened(Vfs.Opened opened, int flags, ByteBuffer body, int at) {
    int reply = opened.keepCache() ? OpenReply.KEEP_CACHE : 0;
    if ((flags & O_ACCMODE) == O_RDONLY) {
      reply |= locks.rangesLocked() ? 0 : OpenReply.NOFLUSH;
    } else if ((flags & O_APPEND) != 0) {
      reply |= OpenReply.DIRECT_IO;
    }
    body.putLong(at + OpenOut.FH, opened.handle());
    body.putInt(at + OpenOut.OPEN_FLAGS, reply);
    body.putInt(at + OpenOut.PADDING, 0);
    return OpenOut.SIZEOF;
  }

  private void flush(Request request, Reply reply) {
    reply.answerFlush(vfs.flush(request.longAt(FlushIn.FH), request.longAt(FlushIn.LOCK_OWNER)));
  }

  private void fsync(Request request, Reply reply) {
    reply.answerDone(vfs.fsync(request.longAt(FsyncIn.FH)));
  }

  private void release(Request request, Reply reply) {
    reply.answerDone(vfs.release(request.longAt(ReleaseIn.FH)));
  }

  private void close(Vfs.Opened opened) {
    // Nobody waits for it, and nobody could be told of an error.
    var unused = vfs.release(opened.handle());
  }
}
