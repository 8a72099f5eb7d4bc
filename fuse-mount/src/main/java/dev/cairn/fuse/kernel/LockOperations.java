package dev.cairn.fuse.kernel;

import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.Locked;
import dev.cairn.fuse.kernel.KernelLayout.LkIn;
import dev.cairn.fuse.kernel.KernelLayout.LkOut;
import dev.cairn.fuse.kernel.KernelNumbers.LockFlag;
import dev.cairn.fuse.kernel.KernelNumbers.Opcode;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.LockKind;
import dev.cairn.rpc.proto.LockMode;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** flock(2) and fcntl(2) locks. */
final class LockOperations {

  // fcntl(2); the same numbers on all architectures Java runs on.
  private static final int F_RDLCK = 0;
  private static final int F_WRLCK = 1;
  private static final int F_UNLCK = 2;

  private final Vfs vfs;
  private final Notifications notifications;
  private volatile boolean rangesLocked;

  LockOperations(Vfs vfs, Notifications notifications) {
    this.vfs = vfs;
    this.notifications = notifications;
  }

  void register(Operations operations) {
    if (vfs.sharesLocks()) {
      operations.add(Opcode.GETLK, this::test);
      operations.add(Opcode.SETLK, this::set);
      operations.add(Opcode.SETLKW, this::await);
    }
  }

  /** Whether anybody has ever asked this mount for an fcntl lock. */
  boolean rangesLocked() {
    return rangesLocked;
  }

  private static FileLock lock(Request request) {
    boolean flock = (request.intAt(LkIn.LK_FLAGS) & LockFlag.FLOCK) != 0;
    return FileLock.newBuilder()
        .setKind(flock ? LockKind.WHOLE_FILE : LockKind.BYTE_RANGE)
        .setMode(
            switch (request.intAt(LkIn.LK + KernelLayout.FileLock.TYPE)) {
              case F_RDLCK -> LockMode.SHARED;
              case F_WRLCK -> LockMode.EXCLUSIVE;
              default -> LockMode.UNLOCKED;
            })
        .setOwner(request.longAt(LkIn.OWNER))
        .setStart(flock ? 0 : request.longAt(LkIn.LK + KernelLayout.FileLock.START))
        .setLast(flock ? Long.MAX_VALUE : request.longAt(LkIn.LK + KernelLayout.FileLock.END))
        .setPid(request.intAt(LkIn.LK + KernelLayout.FileLock.PID))
        .build();
  }

  private void set(Request request, Reply reply) {
    reply.answerLiving(locking(request, null));
  }

  private void await(Request request, Reply reply) {
    CompletableFuture<Void> giveUp = new CompletableFuture<>();
    reply.answerUnlessGivenUp(locking(request, giveUp), giveUp);
  }

  private CompletableFuture<Void> locking(Request request, CompletableFuture<?> giveUp) {
    long node = request.node();
    FileLock lock = lock(request);
    rangesLocked |= lock.getKind() == LockKind.BYTE_RANGE;
    return vfs.lock(request.longAt(LkIn.FH), lock, giveUp)
        .thenCompose(locked -> known(node, locked));
  }

  /** Before the reply, the kernel must forget what others have changed. */
  private CompletableFuture<Void> known(long node, Locked locked) {
    if (locked.pagesStale()) {
      return notifications.contentForgotten(node);
    }
    if (locked.attributesStale()) {
      notifications.attributesChanged(node);
    }
    return CompletableFuture.completedFuture(null);
  }

  private void test(Request request, Reply reply) {
    reply.answer(vfs.testLock(request.longAt(LkIn.FH), lock(request)), LockOperations::putLock);
  }

  private static int putLock(FileLock lock, ByteBuffer body) {
    body.putLong(LkOut.LK + KernelLayout.FileLock.START, lock.getStart());
    body.putLong(LkOut.LK + KernelLayout.FileLock.END, lock.getLast());
    body.putInt(
        LkOut.LK + KernelLayout.FileLock.TYPE,
        switch (lock.getMode()) {
          case SHARED -> F_RDLCK;
          case EXCLUSIVE -> F_WRLCK;
          default -> F_UNLCK;
        });
    body.putInt(LkOut.LK + KernelLayout.FileLock.PID, lock.getPid());
    return LkOut.SIZEOF;
  }
}
