package dev.cairn.master.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.proto.LockKind;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Circles of holders, and circles that only the order of a queue makes. */
final class WaitGraphTest {

  private static final LockOwner A = new LockOwner(1, LockKind.BYTE_RANGE, 10);
  private static final LockOwner B = new LockOwner(2, LockKind.BYTE_RANGE, 10);
  private static final LockOwner C = new LockOwner(3, LockKind.BYTE_RANGE, 10);

  private final LockTable file = new LockTable(7);
  private final LockTable other = new LockTable(8);
  private final WaitGraph graph = new WaitGraph(owner -> List.of(file, other));

  private static Lock exclusive(LockOwner owner, long start, long last) {
    return new Lock(owner, start, last, true, 1);
  }

  @Test
  void twoHoldersThatWaitForEachOther_areADeadlock_overFiles() {
    file.hold(exclusive(A, 0, 0));
    other.hold(exclusive(B, 0, 0));
    file.queue(new LockTable.Wait(1, exclusive(B, 0, 0)));
    assertTrue(graph.isDeadlock(A, other.holdersInTheWayOf(exclusive(A, 0, 0))));
    assertFalse(graph.isDeadlock(C, other.holdersInTheWayOf(exclusive(C, 0, 0))));
  }

  @Test
  void threeHoldersInACircle_areADeadlock() {
    file.hold(exclusive(A, 0, 0));
    file.hold(exclusive(B, 1, 1));
    other.hold(exclusive(C, 2, 2));
    file.queue(new LockTable.Wait(1, exclusive(A, 1, 1)));
    other.queue(new LockTable.Wait(2, exclusive(B, 2, 2)));
    assertTrue(graph.isDeadlock(C, file.holdersInTheWayOf(exclusive(C, 0, 0))));
  }

  @Test
  void waiterInAQueue_isNoPartOfADeadlock_andIsOvertaken() {
    file.hold(exclusive(C, 10, 10));
    file.hold(exclusive(A, 0, 0));
    file.queue(new LockTable.Wait(1, exclusive(B, 0, 10)));
    Lock wanted = exclusive(A, 10, 10);
    assertFalse(graph.isDeadlock(A, file.holdersInTheWayOf(wanted)));
    file.queue(new LockTable.Wait(2, wanted));
    assertEquals(List.of(file, other), List.copyOf(graph.circleOf(A)));
    file.release(C, 10, 10);
    file.grantWaiting(graph);
    assertTrue(file.held().contains(wanted));
    assertTrue(file.isWaiting(2, 1));
  }

  @Test
  void ownerThatNobodyWaitsFor_doesNotOvertake() {
    file.hold(exclusive(A, 0, 0));
    file.queue(new LockTable.Wait(1, exclusive(B, 0, 10)));
    assertEquals(Set.of(B), file.waitersInTheWayOf(exclusive(C, 10, 10)));
    assertFalse(graph.mayOvertake(C, Set.of(B)));
    assertEquals(Set.of(), Set.copyOf(graph.circleOf(B)));
  }
}
