package dev.cairn.master.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.proto.LockKind;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Ranges, queues, and random operations against bytes that are locked one by one. */
final class LockTableTest {

  private static final LockOwner A = new LockOwner(1, LockKind.BYTE_RANGE, 10);
  private static final LockOwner B = new LockOwner(2, LockKind.BYTE_RANGE, 10);
  private static final LockOwner C = new LockOwner(3, LockKind.BYTE_RANGE, 10);

  private final LockTable table = new LockTable(7);

  private static Lock shared(LockOwner owner, long start, long last) {
    return new Lock(owner, start, last, false, 1);
  }

  private static Lock exclusive(LockOwner owner, long start, long last) {
    return new Lock(owner, start, last, true, 1);
  }

  private List<Lock> held() {
    return table.held().stream().sorted(Comparator.comparingLong(Lock::start)).toList();
  }

  @Test
  void unlockInTheMiddle_splits() {
    table.hold(exclusive(A, 0, Lock.END));
    table.release(A, 10, 19);
    assertEquals(List.of(exclusive(A, 0, 9), exclusive(A, 20, Lock.END)), held());
  }

  @Test
  void touchingLocksOfOneMode_becomeOne() {
    table.hold(shared(A, 0, 9));
    table.hold(shared(A, 20, Lock.END));
    table.hold(shared(A, 10, 19));
    assertEquals(List.of(shared(A, 0, Lock.END)), held());
  }

  @Test
  void downgradeOfAPart_leavesTheRestExclusive_andLetsWaitingReadersIn() {
    table.hold(exclusive(A, 0, 99));
    table.queue(new LockTable.Wait(1, shared(B, 50, 59)));
    table.queue(new LockTable.Wait(2, shared(C, 40, 59)));
    table.hold(shared(A, 50, 59));
    table.grantWaiting(LockTable.QueueRule.STRICT);
    assertTrue(table.holds(B));
    assertFalse(table.holds(C));
    assertEquals(3, held().stream().filter(lock -> lock.owner().equals(A)).count());
  }

  @Test
  void ownerIsNeverInItsOwnWay() {
    table.hold(shared(A, 0, 9));
    assertNull(table.conflict(exclusive(A, 0, 9)));
    assertEquals(shared(A, 0, 9), table.conflict(exclusive(B, 5, 5)));
    assertNull(table.conflict(shared(B, 5, 5)));
  }

  @Test
  void kindsDoNotSeeEachOther() {
    LockOwner whole = new LockOwner(2, LockKind.WHOLE_FILE, 10);
    table.hold(exclusive(A, 0, Lock.END));
    assertNull(table.conflict(exclusive(whole, 0, Lock.END)));
  }

  @Test
  void readerBehindAWaitingWriter_waits_soThatTheWriterIsServed() {
    table.hold(shared(A, 0, 9));
    table.queue(new LockTable.Wait(1, exclusive(B, 0, 9)));
    assertEquals(Set.of(B), table.waitersInTheWayOf(shared(C, 0, 9)));
    table.queue(new LockTable.Wait(2, shared(C, 0, 9)));
    table.release(A, 0, 9);
    table.grantWaiting(LockTable.QueueRule.STRICT);
    assertEquals(List.of(exclusive(B, 0, 9)), held());
    assertTrue(table.isWaiting(3, 2));
  }

  @Test
  void withdrawnWriter_letsTheReadersBehindItIn() {
    table.hold(shared(A, 0, 9));
    table.queue(new LockTable.Wait(1, exclusive(B, 0, 9)));
    table.queue(new LockTable.Wait(2, shared(C, 0, 9)));
    assertTrue(table.withdraw(2, 1));
    assertFalse(table.withdraw(2, 1));
    table.grantWaiting(LockTable.QueueRule.STRICT);
    assertTrue(table.holds(C));
  }

  @Test
  void sessionThatEnds_leavesNothing() {
    table.hold(exclusive(A, 0, 9));
    table.queue(new LockTable.Wait(1, exclusive(B, 0, 9)));
    table.queue(new LockTable.Wait(1, exclusive(A, 20, 29)));
    table.dropSession(1);
    table.grantWaiting(LockTable.QueueRule.STRICT);
    assertEquals(List.of(exclusive(B, 0, 9)), held());
    assertEquals(List.of(), table.waiting());
  }

  @Test
  void rowOfATable_isTheTable() {
    table.hold(shared(A, 3, Lock.END));
    table.queue(new LockTable.Wait(9, exclusive(B, 0, 9)));
    LockTable again = LockTable.of(table.toRow());
    assertEquals(table.held(), again.held());
    assertEquals(table.waiting(), again.waiting());
  }

  @Test
  void randomOperations_matchBytesLockedOneByOne() {
    long first = System.nanoTime();
    for (long seed = first; seed < first + 300; seed++) {
      LockModel model = new LockModel(new Random(seed));
      try {
        for (int step = 0; step < 200; step++) {
          model.step();
        }
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }
}
