package dev.cairn.master.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.proto.LockKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A lock table beside a naive one that knows of every byte who has it and how. */
final class LockModel {

  private static final int BYTES = 24;

  private final Random random;
  private final LockTable table = new LockTable(1);

  /** Of every owner, its bytes: 0 nothing, 1 shared, 2 exclusive. */
  private final Map<LockOwner, int[]> bytes = new HashMap<>();

  private final List<LockTable.Wait> queue = new ArrayList<>();
  private long lastNumber;

  LockModel(Random random) {
    this.random = random;
  }

  void step() {
    Lock lock = anyLock();
    switch (random.nextInt(6)) {
      case 0, 1 -> take(lock);
      case 2, 3 -> {
        table.release(lock.owner(), lock.start(), lock.last());
        set(lock, 0);
      }
      case 4 -> withdrawAny();
      default -> {
        if (random.nextInt(8) == 0) {
          dropSession(lock.owner().session());
        }
      }
    }
    table.grantWaiting(LockTable.QueueRule.STRICT);
    grantNaively();
    check();
  }

  private Lock anyLock() {
    LockOwner owner =
        new LockOwner(1 + random.nextInt(3), LockKind.BYTE_RANGE, 1 + random.nextInt(2));
    int start = random.nextInt(BYTES);
    int last = start + random.nextInt(BYTES - start);
    return new Lock(owner, start, last, random.nextBoolean(), 1);
  }

  private void take(Lock lock) {
    assertEquals(heldInTheWay(lock), table.conflict(lock) != null, "conflict");
    boolean mustWait = heldInTheWay(lock) || waitInTheWay(lock, queue.size());
    assertEquals(
        mustWait,
        !table.holdersInTheWayOf(lock).isEmpty() || !table.waitersInTheWayOf(lock).isEmpty(),
        "in the way");
    if (mustWait) {
      LockTable.Wait wait = new LockTable.Wait(++lastNumber, lock);
      table.queue(wait);
      queue.add(wait);
    } else {
      table.hold(lock);
      set(lock, lock.exclusive() ? 2 : 1);
    }
  }

  private void withdrawAny() {
    if (queue.isEmpty()) {
      return;
    }
    LockTable.Wait wait = queue.remove(random.nextInt(queue.size()));
    assertTrue(table.withdraw(wait.wanted().owner().session(), wait.number()));
  }

  private void dropSession(long session) {
    table.dropSession(session);
    bytes.keySet().removeIf(owner -> owner.session() == session);
    queue.removeIf(wait -> wait.wanted().owner().session() == session);
  }

  private void set(Lock lock, int how) {
    int[] own = bytes.computeIfAbsent(lock.owner(), key -> new int[BYTES]);
    for (int i = (int) lock.start(); i <= lock.last(); i++) {
      own[i] = how;
    }
  }

  private boolean heldInTheWay(Lock lock) {
    for (Map.Entry<LockOwner, int[]> other : bytes.entrySet()) {
      for (int i = (int) lock.start(); i <= lock.last(); i++) {
        int how = other.getValue()[i];
        if (!other.getKey().equals(lock.owner())
            && how + (lock.exclusive() ? 2 : 1) > 2
            && how > 0) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean waitInTheWay(Lock lock, int place) {
    return queue.subList(0, place).stream()
        .map(LockTable.Wait::wanted)
        .anyMatch(
            earlier ->
                !earlier.owner().equals(lock.owner())
                    && (earlier.exclusive() || lock.exclusive())
                    && earlier.start() <= lock.last()
                    && lock.start() <= earlier.last());
  }

  private void grantNaively() {
    boolean granted = true;
    while (granted) {
      granted = false;
      for (int i = 0; i < queue.size() && !granted; i++) {
        Lock wanted = queue.get(i).wanted();
        if (!heldInTheWay(wanted) && !waitInTheWay(wanted, i)) {
          queue.remove(i);
          set(wanted, wanted.exclusive() ? 2 : 1);
          granted = true;
        }
      }
    }
  }

  private void check() {
    assertEquals(queue, table.waiting(), "the queue");
    Map<LockOwner, int[]> held = new HashMap<>();
    for (Lock lock : table.held()) {
      int[] own = held.computeIfAbsent(lock.owner(), key -> new int[BYTES]);
      for (int i = (int) lock.start(); i <= lock.last(); i++) {
        assertEquals(0, own[i], "two locks of an owner on byte " + i);
        own[i] = lock.exclusive() ? 2 : 1;
      }
      for (Lock other : table.held()) {
        assertFalse(lock.conflicts(other), "conflicting locks are held");
        boolean splitInVain =
            other.owner().equals(lock.owner())
                && other.exclusive() == lock.exclusive()
                && other.start() == lock.last() + 1;
        assertFalse(splitInVain, "touching locks are two");
      }
    }
    for (Map.Entry<LockOwner, int[]> own : bytes.entrySet()) {
      int[] actual = held.getOrDefault(own.getKey(), new int[BYTES]);
      for (int i = 0; i < BYTES; i++) {
        assertEquals(own.getValue()[i], actual[i], "byte " + i + " of " + own.getKey());
      }
    }
  }
}
