package dev.cairn.fuse.jnr;

import com.kenai.jffi.MemoryIO;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.Created;
import dev.cairn.client.vfs.Vfs.OpenFlags;
import dev.cairn.client.vfs.Vfs.Opened;
import dev.cairn.client.vfs.Vfs.RangeChange;
import dev.cairn.fuse.SetIdPrivilege;
import dev.cairn.rpc.SetIdBits;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The callbacks on open files.
 *
 * <p>A write's bytes are handed on where they were received. A read's answer goes through memory of
 * the thread, since libfuse's own is gone when the callback returns: an operation that was given up
 * may still be writing then. Memory that such an operation has is left to it.
 */
final class FileCalls {

  private static final Logger LOG = LoggerFactory.getLogger(FileCalls.class);
  private static final MemoryIO MEMORY = MemoryIO.getInstance();
  private static final int PERMISSIONS = 07777;

  // linux/falloc.h
  private static final int KEEP_SIZE = 1;
  private static final int PUNCH_HOLE = 2;

  /**
   * The data version of a file that was never written: what is new keeps the bits it is made with.
   */
  private static final long FIRST_VERSION = 1;

  private static final Vfs.AttributeChange CLEAR_SET_ID_BITS =
      new Vfs.AttributeChange(null, null, null, null, null, null, false, false, true);

  private final Vfs vfs;
  private final Answers answers;
  private final PathResolver paths;
  private final NameCache cache;
  private final OpenFiles files;
  private final KeptPages pages;
  private final KernelMemory kernel;

  FileCalls(
      Vfs vfs,
      Answers answers,
      PathResolver paths,
      NameCache cache,
      OpenFiles files,
      KeptPages pages,
      KernelMemory kernel) {
    this.vfs = vfs;
    this.answers = answers;
    this.paths = paths;
    this.cache = cache;
    this.files = files;
    this.pages = pages;
    this.kernel = kernel;
  }

  int create(long path, int mode, long fileInfo) throws CairnException {
    FusePath file = FusePath.at(path);
    Place place = paths.place(file);
    Request request = Request.current();
    int flags = FileInfo.flags(fileInfo);
    Created created =
        answers.awaitOpened(
            vfs.create(
                request.caller(),
                place.parent(),
                place.name(),
                mode & PERMISSIONS,
                OpenBits.isExclusive(flags),
                OpenBits.of(flags)),
            unwanted -> close(unwanted.opened().handle()));
    boolean isNew = created.attributes().getDataVersion() <= FIRST_VERSION;
    if (!isNew && SetIdBits.areIn(created.attributes().getPermissions())) {
      // Somebody else made the file just before.
      truncated(created.attributes().getInode(), created.opened(), OpenBits.of(flags));
    }
    cache.made(place, PathResolver.target(created.attributes()));
    request.result(created.attributes());
    opened(created.attributes().getInode(), file, created.opened(), fileInfo);
    return 0;
  }

  int open(long path, long fileInfo) throws CairnException {
    FusePath file = FusePath.at(path);
    long inode = paths.inode(file);
    OpenFlags flags = OpenBits.of(FileInfo.flags(fileInfo));
    Opened opened =
        answers.awaitOpened(vfs.open(inode, flags), unwanted -> close(unwanted.handle()));
    truncated(inode, opened, flags);
    if (!opened(inode, file, opened, fileInfo)) {
      // The kernel drops the pages by itself, but goes by the length it knows until that is old.
      // What the Vfs says of changed attributes does not tell: it has given them to this binding,
      // which asks for them on its walks and for other links of the file, too.
      kernel.forgetAttributes(Request.current().node());
    }
    return 0;
  }

  /** The kernel leaves it to the filesystem what a truncation by O_TRUNC does besides. */
  private void truncated(long inode, Opened opened, OpenFlags flags) throws CairnException {
    Request request = Request.current();
    if (flags.truncate() && SetIdPrivilege.isLackedBy(request.caller())) {
      try {
        answers.await(vfs.setAttributes(inode, CLEAR_SET_ID_BITS));
      } catch (CairnException e) {
        close(opened.handle());
        throw e;
      }
      kernel.forgetAttributes(request.node());
    }
  }

  private boolean opened(long inode, FusePath file, Opened opened, long fileInfo) {
    files.opened(opened.handle(), inode);
    FileInfo.setHandle(fileInfo, opened.handle());
    OpenFlags flags = OpenBits.of(FileInfo.flags(fileInfo));
    if (flags.append() && flags.write()) {
      // With pages in between, the kernel would cut writes in two, and put them where they do not
      // go.
      FileInfo.setDirect(fileInfo);
    }
    boolean keep = pages.opened(inode, file, opened.keepCache());
    if (keep) {
      FileInfo.setKeepCache(fileInfo);
    }
    return keep;
  }

  int read(long into, int size, long offset, long fileInfo) throws CairnException {
    Request request = Request.current();
    ByteBuffer buffer = request.scratch(size);
    CompletableFuture<Integer> answer = vfs.read(FileInfo.handle(fileInfo), offset, buffer);
    try {
      int length = answers.await(answer);
      MEMORY.copyMemory(MEMORY.getDirectBufferAddress(buffer), into, length);
      return length;
    } finally {
      if (answer.isCancelled()) {
        request.leaveScratch();
      }
    }
  }

  int write(long from, int size, long offset, long fileInfo) throws CairnException {
    Request request = Request.current();
    ByteBuffer bytes = request.payload(from, size);
    long handle = FileInfo.handle(fileInfo);
    boolean append =
        !FileInfo.isWritePage(fileInfo) && OpenBits.of(FileInfo.flags(fileInfo)).append();
    // The kernel itself takes set-id bits away, by a request of its own before this one; but not
    // where it keeps no pages (fuse_direct_write_iter in fs/fuse/file.c).
    boolean clearSetIdBits = append && SetIdPrivilege.isLackedBy(request.caller());
    CompletableFuture<Integer> answer =
        append
            ? vfs.append(handle, offset, bytes, clearSetIdBits)
            : vfs.write(handle, offset, bytes, false);
    try {
      int written = answers.await(answer);
      if (clearSetIdBits) {
        kernel.forgetAttributes(request.node());
      }
      return written;
    } finally {
      if (answer.isCancelled()) {
        request.leaveBuffer();
      }
    }
  }

  int flush(long fileInfo) throws CairnException {
    answers.await(vfs.flush(FileInfo.handle(fileInfo), FileInfo.lockOwner(fileInfo)));
    return 0;
  }

  int fsync(long fileInfo) throws CairnException {
    answers.await(vfs.fsync(FileInfo.handle(fileInfo)));
    return 0;
  }

  /** Nobody waits for a release, and its result is lost: it is not waited for here, either. */
  int release(long fileInfo) throws CairnException {
    long handle = FileInfo.handle(fileInfo);
    pages.closed(files.closed(handle));
    close(handle);
    return 0;
  }

  private void close(long handle) {
    vfs.release(handle)
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                LOG.warn("a file was not closed properly: {}", failure.getMessage());
              }
            });
  }

  int allocate(int mode, long offset, long length, long fileInfo) throws CairnException {
    RangeChange change =
        switch (mode) {
          case 0 -> RangeChange.ALLOCATE;
          case KEEP_SIZE -> RangeChange.ALLOCATE_KEEP_SIZE;
          case KEEP_SIZE | PUNCH_HOLE -> RangeChange.PUNCH_HOLE;
          default -> throw ErrorCode.NOT_SUPPORTED.because("fallocate has no mode " + mode);
        };
    Request request = Request.current();
    // Linux 6.1 and later ask for it themselves, before (file_modified in fuse_file_fallocate).
    boolean clearSetIdBits = SetIdPrivilege.isLackedBy(request.caller());
    answers.await(
        vfs.changeRange(FileInfo.handle(fileInfo), change, offset, length, clearSetIdBits));
    if (clearSetIdBits) {
      kernel.forgetAttributes(request.node());
    }
    return 0;
  }
}
