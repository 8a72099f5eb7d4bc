package dev.cairn.client.file;

import dev.cairn.client.Failures;
import dev.cairn.client.Timer;
import dev.cairn.client.master.MasterLocks;
import dev.cairn.client.master.MasterLocks.LockPlace;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.SetLockReply;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A lock that is waited for. The place in the queue is the master's; this asks again and again, in
 * calls the master holds for seconds, whether the wait is over. No thread waits. While the master
 * is away it goes on asking: the place is still there afterwards.
 *
 * <p>Who gives up the wait withdraws it first, and whether the lock had been granted by then is for
 * the master to say. If it does not say so in time, the waiter is let go and what is granted later
 * is given back. Until then the wait is unsettled: giving back would take from its owner what he
 * asks for in the meantime. A wait that ends of itself, before it is withdrawn, is settled by that.
 */
final class LockWait {

  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final MasterLocks locks;
  private final Timer timer;
  private final long inode;
  private final FileLock lock;
  private final LockPlace place;
  private final CompletableFuture<SetLockReply> result = new CompletableFuture<>();
  private final CompletableFuture<Void> settled = new CompletableFuture<>();

  /** What becomes of the wait is decided once: it ends, or it is withdrawn. Guarded by this. */
  private boolean decided;

  LockWait(MasterLocks locks, Timer timer, long inode, FileLock lock, LockPlace place) {
    this.locks = locks;
    this.timer = timer;
    this.inode = inode;
    this.lock = lock;
    this.place = place;
  }

  /** Done when the lock is granted; {@code INTERRUPTED} when it was given up before. */
  CompletableFuture<SetLockReply> untilGranted() {
    ask();
    return result;
  }

  /** Done when nothing more will become of the wait; it never fails. */
  CompletableFuture<Void> settled() {
    return settled;
  }

  /** Gives up what was asked for and not answered: whether it waits or is granted is not known. */
  void abandon() {
    if (decide()) {
      result.completeExceptionally(interrupted());
      withdraw();
    }
  }

  private synchronized boolean decide() {
    boolean first = !decided;
    decided = true;
    return first;
  }

  private synchronized boolean isDecided() {
    return decided;
  }

  private void ask() {
    if (isDecided()) {
      return;
    }
    locks
        .awaitLock(place, inode)
        .whenComplete(
            (reply, error) -> {
              if (error == null && reply.getWaiting()) {
                ask();
              } else if (error != null && mayHelp(Failures.of(error))) {
                timer.after(PAUSE, this::ask);
              } else if (decide()) {
                settled.complete(null);
                if (error == null) {
                  result.complete(reply);
                } else {
                  result.completeExceptionally(error);
                }
              }
            });
  }

  /** Whether asking again may help; if so, what was asked may have been done. */
  static boolean mayHelp(CairnException error) {
    return error.code().retry() == ErrorCode.Retry.YES;
  }

  /** Gives up the wait, unless it is over; the waiter is let go within a second. */
  void giveUp() {
    if (decide()) {
      timer.after(PAUSE, () -> result.completeExceptionally(interrupted()));
      withdraw();
    }
  }

  /**
   * The same for one whose owner has a part of the range already: he waits for the master's word,
   * since to give back what is granted would take from him what he had.
   */
  void giveUpWhenSettled() {
    if (decide()) {
      withdraw();
    }
  }

  static CairnException interrupted() {
    return ErrorCode.INTERRUPTED.because("the wait for a lock was given up");
  }

  private void withdraw() {
    locks
        .withdrawLock(place, inode)
        .whenComplete(
            (reply, error) -> {
              if (error != null && mayHelp(Failures.of(error))) {
                timer.after(PAUSE, this::withdraw);
              } else if (error != null) {
                settled.complete(null);
                result.completeExceptionally(error);
              } else if (reply.getWithdrawn()) {
                settled.complete(null);
                result.completeExceptionally(interrupted());
              } else {
                granted();
              }
            });
  }

  /** The lock was granted before the wait could be withdrawn. */
  private void granted() {
    locks
        .awaitLock(place, inode)
        .whenComplete(
            (reply, error) -> {
              if (error == null && result.complete(reply)) {
                settled.complete(null);
              } else {
                result.completeExceptionally(interrupted());
                giveBack();
              }
            });
  }

  private void giveBack() {
    locks
        .unlock(inode, lock, place.session())
        .whenComplete(
            (done, error) -> {
              if (error != null && mayHelp(Failures.of(error))) {
                timer.after(PAUSE, this::giveBack);
              } else {
                // One that is refused has ended with its session.
                settled.complete(null);
              }
            });
  }
}
