package dev.cairn.master.lock;

import dev.cairn.master.record.proto.FileLocks;
import dev.cairn.master.record.proto.LockWait;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The locks of one file and the waits for some, in the making. An owner has at most one lock on
 * each byte: a new one replaces what it had there, splits what reaches further and joins what it
 * touches. For one thread.
 */
public final class LockTable {

  /** A lock somebody waits for. */
  public record Wait(long number, Lock wanted) {

    boolean is(long session, long otherNumber) {
      return number == otherNumber && wanted.owner().session() == session;
    }
  }

  /** Says when a wait need not queue behind earlier ones. */
  public interface QueueRule {

    /** The rule without exceptions. */
    QueueRule STRICT = (owner, earlier) -> false;

    boolean mayOvertake(LockOwner owner, Set<LockOwner> earlier);
  }

  private final long inode;
  private final List<Lock> held = new ArrayList<>();
  private final List<Wait> waiting = new ArrayList<>();

  public LockTable(long inode) {
    this.inode = inode;
  }

  public static LockTable of(FileLocks row) {
    LockTable table = new LockTable(row.getInode());
    row.getHeldList().forEach(lock -> table.held.add(Lock.of(lock)));
    row.getWaitingList()
        .forEach(wait -> table.waiting.add(new Wait(wait.getNumber(), Lock.of(wait.getWanted()))));
    return table;
  }

  public FileLocks toRow() {
    FileLocks.Builder row = FileLocks.newBuilder().setInode(inode);
    held.forEach(lock -> row.addHeld(lock.toRow()));
    waiting.forEach(
        wait ->
            row.addWaiting(
                LockWait.newBuilder().setNumber(wait.number()).setWanted(wait.wanted().toRow())));
    return row.build();
  }

  public List<Lock> held() {
    return held;
  }

  public List<Wait> waiting() {
    return waiting;
  }

  /** How many rows of locks and waits there are. */
  public int size() {
    return held.size() + waiting.size();
  }

  /** The held lock with the lowest range that stands in the way; null when none does. */
  public Lock conflict(Lock wanted) {
    Lock first = null;
    for (Lock lock : held) {
      if (lock.conflicts(wanted) && (first == null || lock.start() < first.start())) {
        first = lock;
      }
    }
    return first;
  }

  /** Whether the owner holds anything. */
  public boolean holds(LockOwner owner) {
    return held.stream().anyMatch(lock -> lock.owner().equals(owner));
  }

  /** Gives the owner the lock, in place of what it had in the range. */
  public void hold(Lock lock) {
    release(lock.owner(), lock.start(), lock.last());
    long start = lock.start();
    long last = lock.last();
    List<Lock> touching = new ArrayList<>();
    for (Lock other : held) {
      boolean touches =
          other.last() == lock.start() - 1
              || (lock.last() != Lock.END && other.start() == lock.last() + 1);
      if (touches && other.owner().equals(lock.owner()) && other.exclusive() == lock.exclusive()) {
        touching.add(other);
        start = Math.min(start, other.start());
        last = Math.max(last, other.last());
      }
    }
    held.removeAll(touching);
    held.add(lock.over(start, last));
  }

  /** Takes from the owner whatever it holds in the range. */
  public void release(LockOwner owner, long start, long last) {
    List<Lock> kept = new ArrayList<>();
    for (Lock lock : held) {
      if (!lock.owner().equals(owner) || !lock.overlaps(start, last)) {
        kept.add(lock);
        continue;
      }
      if (lock.start() < start) {
        kept.add(lock.over(lock.start(), start - 1));
      }
      if (lock.last() > last) {
        kept.add(lock.over(last + 1, lock.last()));
      }
    }
    held.clear();
    held.addAll(kept);
  }

  /** The owners of held locks that conflict with the wanted one. */
  public Set<LockOwner> holdersInTheWayOf(Lock wanted) {
    Set<LockOwner> owners = new HashSet<>();
    for (Lock lock : held) {
      if (lock.conflicts(wanted)) {
        owners.add(lock.owner());
      }
    }
    return owners;
  }

  /** The owners of queued waits that a new conflicting wait would queue behind. */
  public Set<LockOwner> waitersInTheWayOf(Lock wanted) {
    return waitersInTheWayOf(wanted, waiting.size());
  }

  private Set<LockOwner> waitersInTheWayOf(Lock wanted, int place) {
    Set<LockOwner> owners = new HashSet<>();
    for (Wait earlier : waiting.subList(0, place)) {
      if (earlier.wanted().conflicts(wanted)) {
        owners.add(earlier.wanted().owner());
      }
    }
    return owners;
  }

  public void queue(Wait wait) {
    waiting.add(wait);
  }

  /** Whether the wait has a place in the queue. */
  public boolean isWaiting(long session, long number) {
    return waiting.stream().anyMatch(wait -> wait.is(session, number));
  }

  /** Gives up a wait; false when it has no place in the queue. */
  public boolean withdraw(long session, long number) {
    return waiting.removeIf(wait -> wait.is(session, number));
  }

  /** Drops all that a session has and wants here. */
  public void dropSession(long session) {
    held.removeIf(lock -> lock.owner().session() == session);
    waiting.removeIf(wait -> wait.wanted().owner().session() == session);
  }

  /**
   * Grants, in the order of the queue, every wait that no held lock conflicts with and that need
   * not queue behind an earlier wait.
   */
  public void grantWaiting(QueueRule rule) {
    int place = 0;
    while (place < waiting.size()) {
      Lock wanted = waiting.get(place).wanted();
      if (conflict(wanted) == null && isNext(wanted, place, rule)) {
        waiting.remove(place);
        hold(wanted);
        // A lock that became shared may let through somebody who was passed over.
        place = 0;
      } else {
        place++;
      }
    }
  }

  private boolean isNext(Lock wanted, int place, QueueRule rule) {
    Set<LockOwner> earlier = waitersInTheWayOf(wanted, place);
    return earlier.isEmpty() || rule.mayOvertake(wanted.owner(), earlier);
  }
}
