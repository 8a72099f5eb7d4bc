package dev.cairn.master.decide;

import dev.cairn.master.lock.Lock;
import dev.cairn.master.lock.LockOwner;
import dev.cairn.master.lock.LockTable;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.LockKind;
import dev.cairn.rpc.proto.LockMode;
import dev.cairn.rpc.proto.SetLockReply;
import dev.cairn.rpc.proto.SetLockRequest;
import dev.cairn.rpc.proto.TestLockReply;
import dev.cairn.rpc.proto.TestLockRequest;
import dev.cairn.rpc.proto.WithdrawLockReply;
import dev.cairn.rpc.proto.WithdrawLockRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Takes, changes and gives up locks of files, and waits for them. */
public final class LockDecider {

  /** The row of a file is written whole. */
  static final int MOST_LOCKS_PER_FILE = 4096;

  private final Defaults defaults;

  public LockDecider(Defaults defaults) {
    this.defaults = defaults;
  }

  /** Takes, changes or gives up a lock, or begins to wait for it. */
  public Decision<SetLockReply> set(MetadataView view, SetLockRequest request)
      throws CairnException {
    FileLock asked = request.getLock();
    check(asked);
    Lock lock = Lock.of(request.getContext().getSessionId(), asked);
    LockDraft draft = new LockDraft(view);
    LockTable table = draft.table(request.getInode());
    if (asked.getMode() == LockMode.UNLOCKED) {
      int before = table.size();
      table.release(lock.owner(), lock.start(), lock.last());
      if (table.size() > before) {
        // A hole in a lock makes two of it: fcntl(2) has ENOLCK for that, too.
        checkMayGrow(request.getInode(), before);
      }
      return changed(draft, table, SetLockReply.getDefaultInstance());
    }
    Inode inode = view.inode(request.getInode());
    if (inode == null) {
      throw ErrorCode.STALE.because("inode " + request.getInode() + " is gone");
    }
    checkMayGrow(request.getInode(), table.size());
    boolean waits =
        request.getWait() ? mustQueue(draft, table, lock) : table.conflict(lock) != null;
    if (!waits) {
      table.hold(lock);
      Attributes attributes = defaults.inForce(inode);
      return changed(draft, table, SetLockReply.newBuilder().setAttributes(attributes).build());
    }
    if (!request.getWait()) {
      throw ErrorCode.LOCKED.because("somebody else has the lock");
    }
    if (lock.owner().kind() == LockKind.WHOLE_FILE) {
      // flock(2) changes a lock by giving it up and taking another: two who both want to make a
      // shared lock exclusive would wait for each other for ever.
      table.release(lock.owner(), 0, Lock.END);
    }
    draft.queue(table, new LockTable.Wait(request.getContext().getSequence(), lock));
    return new Decision<>(draft.records(), SetLockReply.newBuilder().setWaiting(true).build());
  }

  private static void checkMayGrow(long inode, int size) throws CairnException {
    if (size >= MOST_LOCKS_PER_FILE) {
      throw ErrorCode.NO_LOCKS.because("inode " + inode + " has " + size + " locks and waits");
    }
  }

  private static void check(FileLock lock) throws CairnException {
    boolean known = lock.getKind() == LockKind.BYTE_RANGE || lock.getKind() == LockKind.WHOLE_FILE;
    boolean whole = lock.getStart() == 0 && lock.getLast() == Lock.END;
    if (!known
        || lock.getMode() == LockMode.UNRECOGNIZED
        || lock.getStart() < 0
        || lock.getLast() < lock.getStart()
        || (lock.getKind() == LockKind.WHOLE_FILE && !whole)) {
      throw ErrorCode.INVALID.because("there is no such lock: " + lock);
    }
  }

  /**
   * Whether the owner has to wait for the lock. Earlier waits go first, unless they cannot end
   * before the owner goes on.
   */
  private static boolean mustQueue(LockDraft draft, LockTable table, Lock lock)
      throws CairnException {
    Set<LockOwner> holders = table.holdersInTheWayOf(lock);
    if (holders.isEmpty()) {
      Set<LockOwner> earlier = table.waitersInTheWayOf(lock);
      return !earlier.isEmpty() && !draft.graph().mayOvertake(lock.owner(), earlier);
    }
    // flock(2) knows no deadlock.
    boolean mayDeadlock = lock.owner().kind() == LockKind.BYTE_RANGE;
    if (mayDeadlock && draft.graph().isDeadlock(lock.owner(), holders)) {
      throw ErrorCode.DEADLOCK.because("a holder of the lock waits for this owner");
    }
    return true;
  }

  /** Gives up a wait, unless the lock was granted already. */
  public static Decision<WithdrawLockReply> withdraw(
      MetadataView view, WithdrawLockRequest request) {
    LockDraft draft = new LockDraft(view);
    LockTable table = draft.table(request.getInode());
    boolean withdrawn = table.withdraw(request.getContext().getSessionId(), request.getWait());
    WithdrawLockReply reply = WithdrawLockReply.newBuilder().setWithdrawn(withdrawn).build();
    return changed(draft, table, reply);
  }

  /** The lock that stands in the way of the one asked about, or its range unlocked. */
  public static TestLockReply test(MetadataView view, TestLockRequest request)
      throws CairnException {
    check(request.getLock());
    Lock wanted = Lock.of(request.getSessionId(), request.getLock());
    Lock other = new LockDraft(view).table(request.getInode()).conflict(wanted);
    FileLock.Builder lock = request.getLock().toBuilder().setMode(LockMode.UNLOCKED);
    if (other != null) {
      boolean here = other.owner().session() == request.getSessionId();
      lock.setMode(other.exclusive() ? LockMode.EXCLUSIVE : LockMode.SHARED)
          .setOwner(other.owner().number())
          .setStart(other.start())
          .setLast(other.last())
          .setPid(here ? other.pid() : 0);
    }
    return TestLockReply.newBuilder().setLock(lock).build();
  }

  /** What becomes of a session's locks and waits when it ends. */
  static List<Record> endOfSession(MetadataView view, long session) {
    LockDraft draft = new LockDraft(view);
    List<LockTable> files = new ArrayList<>();
    view.lockedFiles(session, (inode, waits) -> files.add(draft.table(inode)));
    files.forEach(table -> table.dropSession(session));
    files.forEach(draft::settle);
    return draft.records();
  }

  private static <R> Decision<R> changed(LockDraft draft, LockTable table, R reply) {
    draft.settle(table);
    return new Decision<>(draft.records(), reply);
  }
}
