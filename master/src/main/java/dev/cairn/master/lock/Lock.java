package dev.cairn.master.lock;

import dev.cairn.master.record.proto.SessionLock;
import dev.cairn.rpc.Check;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.LockMode;

/**
 * A lock that is held or wanted.
 *
 * @param start the first byte
 * @param last the last byte; {@link #END} for all there are
 * @param pid the process, on the session's machine
 */
public record Lock(LockOwner owner, long start, long last, boolean exclusive, int pid) {

  /** The last byte of a lock that reaches to the end of the file, wherever that is. */
  public static final long END = Long.MAX_VALUE;

  public Lock {
    Check.that(0 <= start && start <= last, "a lock from byte %s to byte %s", start, last);
  }

  public static Lock of(long session, FileLock lock) {
    return new Lock(
        new LockOwner(session, lock.getKind(), lock.getOwner()),
        lock.getStart(),
        lock.getLast(),
        lock.getMode() == LockMode.EXCLUSIVE,
        lock.getPid());
  }

  static Lock of(SessionLock row) {
    return of(row.getSession(), row.getLock());
  }

  SessionLock toRow() {
    return SessionLock.newBuilder()
        .setSession(owner.session())
        .setLock(
            FileLock.newBuilder()
                .setKind(owner.kind())
                .setOwner(owner.number())
                .setMode(exclusive ? LockMode.EXCLUSIVE : LockMode.SHARED)
                .setStart(start)
                .setLast(last)
                .setPid(pid))
        .build();
  }

  boolean overlaps(long otherStart, long otherLast) {
    return start <= otherLast && otherStart <= last;
  }

  /** Whether the two cannot be held at the same time. */
  boolean conflicts(Lock other) {
    return owner.kind() == other.owner.kind()
        && (exclusive || other.exclusive)
        && !owner.equals(other.owner)
        && overlaps(other.start, other.last);
  }

  /** The same lock of another range. */
  Lock over(long newStart, long newLast) {
    return new Lock(owner, newStart, newLast, exclusive, pid);
  }
}
