package dev.cairn.client.file;

import dev.cairn.client.Failures;
import dev.cairn.client.Timer;
import dev.cairn.client.file.LockHolders.Holder;
import dev.cairn.client.master.Master;
import dev.cairn.client.master.MasterLocks.LockAnswer;
import dev.cairn.client.master.MasterLocks.LockPlace;
import dev.cairn.client.master.Registration;
import dev.cairn.client.vfs.Vfs.Locked;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.LockKind;
import dev.cairn.rpc.proto.LockMode;
import dev.cairn.rpc.proto.SetLockReply;
import dev.cairn.rpc.proto.SetLockRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Takes locks of open files at the master and gives them up. What an owner wrote is committed
 * before its lock goes; what others committed before is seen once it is there.
 */
final class FileLocking {

  private static final long END = Long.MAX_VALUE;

  /** A wait that is given up ends within this, and a moment; see {@link LockWait}. */
  private static final Duration SETTLED_WITHIN = Duration.ofSeconds(2);

  private final Master master;
  private final Timer timer;

  private record Owner(long inode, Holder holder) {}

  /** Requests given up and not settled yet: who made them asks for nothing before they are. */
  private final Map<Owner, CompletableFuture<Void>> unsettled = new ConcurrentHashMap<>();

  /** Closes whose locks are being given up: who locks the file behind them waits for that. */
  private final Map<Long, CompletableFuture<?>> unlocking = new ConcurrentHashMap<>();

  /** Requests that the master has not answered: what gives locks up comes behind them. */
  private final Map<Owner, CompletableFuture<?>> asking = new ConcurrentHashMap<>();

  FileLocking(Master master, Timer timer) {
    this.master = master;
    this.timer = timer;
  }

  /**
   * Takes, changes or gives up a lock.
   *
   * @param giveUp ends a wait for the lock when it is done; null: do not wait
   */
  CompletableFuture<Locked> set(
      OpenFile file, long handle, FileLock lock, CompletableFuture<?> giveUp) {
    Holder holder = new Holder(lock.getKind(), lock.getOwner());
    boolean held = file.locks().has(holder);
    if (lock.getMode() == LockMode.UNLOCKED) {
      return held
          ? unlock(file, holder, lock).thenApply(done -> Locked.AS_KNOWN)
          : CompletableFuture.completedFuture(Locked.AS_KNOWN);
    }
    CompletableFuture<?> before = unlocking.get(file.inode());
    CompletableFuture<?> ready =
        before == null
            ? CompletableFuture.completedFuture(null)
            : before.handle((done, error) -> null);
    // It may become a weaker lock.
    CompletableFuture<?> written = held ? ready.thenCompose(done -> file.commitNow()) : ready;
    CompletableFuture<Locked> taking =
        written
            .thenCompose(done -> untilSettled(new Owner(file.inode(), holder), giveUp))
            .thenCompose(done -> take(file, handle, holder, lock, giveUp));
    return giveUp == null || taking.isDone() ? taking : unlessGivenUp(file, taking, lock, giveUp);
  }

  /**
   * A result that also fails when the wait is given up while the master is away and says nothing.
   * What it grants later is given back, unless the owner had something of it before.
   */
  private CompletableFuture<Locked> unlessGivenUp(
      OpenFile file, CompletableFuture<Locked> taking, FileLock lock, CompletableFuture<?> giveUp) {
    Holder holder = new Holder(lock.getKind(), lock.getOwner());
    boolean held = file.locks().wasGranted(holder);
    CompletableFuture<Locked> result = new CompletableFuture<>();
    taking.whenComplete(
        (locked, error) -> {
          if (error != null) {
            result.completeExceptionally(error);
          } else if (!result.complete(locked) && !held) {
            var unused = unlock(file, holder, lock);
          }
        });
    giveUp.whenComplete(
        (value, error) ->
            timer.after(
                SETTLED_WITHIN, () -> result.completeExceptionally(LockWait.interrupted())));
    return result;
  }

  private CompletableFuture<?> untilSettled(Owner owner, CompletableFuture<?> giveUp) {
    CompletableFuture<Void> before = unsettled.get(owner);
    if (before == null || giveUp == null) {
      return before == null ? CompletableFuture.completedFuture(null) : before;
    }
    return CompletableFuture.anyOf(before, giveUp)
        .thenCompose(
            done ->
                before.isDone() ? before : CompletableFuture.failedFuture(LockWait.interrupted()));
  }

  private CompletableFuture<Locked> take(
      OpenFile file, long handle, Holder holder, FileLock lock, CompletableFuture<?> giveUp) {
    boolean held = file.locks().wasGranted(holder);
    file.locks().asks(holder, handle);
    AtomicReference<LockPlace> asked = new AtomicReference<>();
    SetLockRequest.Builder request =
        SetLockRequest.newBuilder().setInode(file.inode()).setLock(lock).setWait(giveUp != null);
    Owner owner = new Owner(file.inode(), holder);
    CompletableFuture<LockAnswer> answered =
        master.locks().setLock(request, file.locks().session(), asked::set);
    asking.put(owner, answered);
    return answered
        .whenComplete((answer, error) -> asking.remove(owner, answered))
        .whenComplete(
            (answer, error) -> {
              if (error != null && !held && LockWait.mayHelp(Failures.of(error))) {
                abandon(owner, lock, asked.get());
              }
            })
        .thenCompose(
            answer ->
                granted(file, lock, answer, held, giveUp)
                    .thenApply(reply -> revalidated(file, holder, answer.place().session(), reply)))
        .whenComplete((locked, error) -> file.locks().answered(holder));
  }

  private CompletableFuture<SetLockReply> granted(
      OpenFile file, FileLock lock, LockAnswer answer, boolean held, CompletableFuture<?> giveUp) {
    if (!answer.reply().getWaiting()) {
      return CompletableFuture.completedFuture(answer.reply());
    }
    LockWait wait = new LockWait(master.locks(), timer, file.inode(), lock, answer.place());
    Owner owner = new Owner(file.inode(), new Holder(lock.getKind(), lock.getOwner()));
    giveUp.whenComplete(
        (value, error) -> {
          settleFirst(owner, wait);
          if (held && lock.getKind() == LockKind.BYTE_RANGE) {
            wait.giveUpWhenSettled();
          } else {
            wait.giveUp();
          }
        });
    return wait.untilGranted();
  }

  /** A request that got no answer may be granted all the same, now or when its turn comes. */
  private void abandon(Owner owner, FileLock lock, LockPlace place) {
    if (place != null) {
      LockWait wait = new LockWait(master.locks(), timer, owner.inode(), lock, place);
      settleFirst(owner, wait);
      wait.abandon();
    }
  }

  private void settleFirst(Owner owner, LockWait wait) {
    CompletableFuture<Void> all =
        unsettled.merge(
            owner, wait.settled(), (before, settled) -> CompletableFuture.allOf(before, settled));
    all.whenComplete((done, never) -> unsettled.remove(owner, all));
  }

  private Locked revalidated(
      OpenFile file, Holder holder, Registration session, SetLockReply reply) {
    file.locks().granted(holder, session);
    if (!master.isCurrent(session)) {
      file.fence();
    }
    return file.locked(reply.getAttributes());
  }

  /**
   * Commits what was written, then unlocks; an error of the former does not spare the latter. Locks
   * of a session that has expired are gone.
   */
  private CompletableFuture<Void> unlock(OpenFile file, Holder holder, FileLock lock) {
    Registration session = file.locks().session();
    if (session != null && !master.isCurrent(session)) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> written = file.commitNow();
    return written
        .handle((done, error) -> null)
        .thenCompose(done -> answered(new Owner(file.inode(), holder)))
        .thenCompose(done -> giveUp(file, holder, lock))
        .thenCompose(done -> written);
  }

  /** Done when the master has answered what the owner asked for last, however it did. */
  private CompletableFuture<Void> answered(Owner owner) {
    CompletableFuture<?> last = asking.get(owner);
    return last == null
        ? CompletableFuture.completedFuture(null)
        : last.handle((answer, error) -> null);
  }

  private CompletableFuture<Void> giveUp(OpenFile file, Holder holder, FileLock lock) {
    boolean all = lock.getStart() == 0 && lock.getLast() == END;
    long grants = file.locks().grants();
    return master
        .locks()
        .unlock(file.inode(), lock, file.locks().session())
        .thenAccept(
            done -> {
              if (all) {
                file.locks().gaveUp(holder, grants);
              }
            });
  }

  private static FileLock allOf(Holder holder) {
    return FileLock.newBuilder()
        .setKind(holder.kind())
        .setOwner(holder.owner())
        .setMode(LockMode.UNLOCKED)
        .setLast(END)
        .build();
  }

  /** A process has closed a descriptor: with it go its locks of the file (fcntl_locking(2)). */
  CompletableFuture<Void> closed(OpenFile file, long owner) {
    Holder holder = new Holder(LockKind.BYTE_RANGE, owner);
    return file.locks().has(holder)
        ? unlock(file, holder, allOf(holder))
        : CompletableFuture.completedFuture(null);
  }

  /**
   * The last descriptor of a handle is closed: with it go the locks of the open file description,
   * which the kernel does not name unless they are of flock(2), and whatever else was taken through
   * it.
   */
  CompletableFuture<Void> released(OpenFile file, long handle) {
    List<Holder> holders = file.locks().through(handle);
    if (holders.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    List<CompletableFuture<Void>> all = new ArrayList<>();
    holders.forEach(holder -> all.add(unlock(file, holder, allOf(holder))));
    CompletableFuture<Void> done =
        CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]));
    unlocking.put(file.inode(), done);
    return done.whenComplete((nothing, error) -> unlocking.remove(file.inode(), done));
  }

  /** The lock that stands in the way of the one asked about. */
  CompletableFuture<FileLock> test(OpenFile file, FileLock lock) {
    return master.locks().testLock(file.inode(), lock).thenApply(reply -> reply.getLock());
  }
}
