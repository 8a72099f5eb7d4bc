package dev.cairn.fuse.jnr;

import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.Locked;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.LockKind;
import dev.cairn.rpc.proto.LockMode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/**
 * The callbacks for flock(2) and fcntl(2) locks.
 *
 * <p>Who waits for a lock keeps a thread of the mount, for as long as the holder likes. So only
 * {@value #MOST_WAITS} may wait at a time; for others a lock that is not free is ENOLCK, and the
 * remaining threads serve everything else.
 */
final class LockCalls {

  static final int MOST_WAITS = Readers.MOST_THREADS / 2;

  // fcntl(2) of 64-bit Linux.
  private static final int F_GETLK = 5;
  private static final int F_SETLKW = 7;

  // flock(2)
  private static final int LOCK_SH = 1;
  private static final int LOCK_EX = 2;
  private static final int LOCK_NB = 4;

  private final Vfs vfs;
  private final Answers answers;
  private final OpenFiles files;
  private final KeptPages pages;
  private final KernelMemory kernel;
  private final Semaphore waits = new Semaphore(MOST_WAITS);

  LockCalls(Vfs vfs, Answers answers, OpenFiles files, KeptPages pages, KernelMemory kernel) {
    this.vfs = vfs;
    this.answers = answers;
    this.files = files;
    this.pages = pages;
    this.kernel = kernel;
  }

  /** Whether locks are passed on: macFUSE asks nobody for them. */
  boolean areShared() {
    return vfs.sharesLocks() && !Libraries.DARWIN;
  }

  int flock(long fileInfo, int operation) throws CairnException {
    FileLock lock =
        FileLock.newBuilder()
            .setKind(LockKind.WHOLE_FILE)
            .setMode(
                switch (operation & ~LOCK_NB) {
                  case LOCK_SH -> LockMode.SHARED;
                  case LOCK_EX -> LockMode.EXCLUSIVE;
                  default -> LockMode.UNLOCKED;
                })
            .setOwner(FileInfo.lockOwner(fileInfo))
            .setLast(Long.MAX_VALUE)
            .setPid(Request.current().pid())
            .build();
    set(FileInfo.handle(fileInfo), lock, (operation & LOCK_NB) == 0);
    return 0;
  }

  /** After a flush, libfuse unlocks all: what {@link FileCalls#flush} has given up already. */
  int range(long fileInfo, int command, long address) throws CairnException {
    long handle = FileInfo.handle(fileInfo);
    FileLock lock = FcntlLock.read(address, FileInfo.lockOwner(fileInfo));
    if (command == F_GETLK) {
      FcntlLock.write(address, answers.await(vfs.testLock(handle, lock)));
    } else {
      set(handle, lock, command == F_SETLKW);
    }
    return 0;
  }

  private void set(long handle, FileLock lock, boolean wait) throws CairnException {
    if (lock.getMode() == LockMode.UNLOCKED) {
      answers.awaitInAnyCase(vfs.lock(handle, lock, null));
      return;
    }
    Locked locked =
        wait ? await(handle, lock) : answers.awaitInAnyCase(vfs.lock(handle, lock, null));
    long node = Request.current().node();
    // The Vfs says only once that pages are stale; other paths of the file have pages of their own.
    if (locked.pagesStale() || pages.areOfSeveralPaths(files.inode(handle))) {
      kernel.forgetContent(node);
    } else {
      kernel.forgetAttributes(node);
    }
  }

  private Locked await(long handle, FileLock lock) throws CairnException {
    if (!waits.tryAcquire()) {
      return withoutWaiting(handle, lock);
    }
    try {
      CompletableFuture<Void> giveUp = new CompletableFuture<>();
      return answers.awaitUnlessSignalled(vfs.lock(handle, lock, giveUp), giveUp);
    } finally {
      waits.release();
    }
  }

  private Locked withoutWaiting(long handle, FileLock lock) throws CairnException {
    try {
      return answers.awaitInAnyCase(vfs.lock(handle, lock, null));
    } catch (CairnException e) {
      if (e.code() == ErrorCode.LOCKED) {
        throw ErrorCode.NO_LOCKS.because(
            MOST_WAITS + " others wait for locks in this mount: no more can", e);
      }
      throw e;
    }
  }
}
