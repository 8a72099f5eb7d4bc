package dev.cairn.master.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.master.record.proto.FileLocks;
import dev.cairn.master.record.proto.LockWait;
import dev.cairn.master.record.proto.SessionLock;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import org.junit.jupiter.api.Test;

final class LiveLocksTest {

  private static final long ONE = 1;
  private static final long TWO = 2;

  private final LiveLocks locks = new LiveLocks(3, 4);

  private static FileLocks.Builder row(long inode, long... holders) {
    FileLocks.Builder row = FileLocks.newBuilder().setInode(inode);
    for (long session : holders) {
      row.addHeld(SessionLock.newBuilder().setSession(session));
    }
    return row;
  }

  private ErrorCode refusal(long session) {
    return assertThrows(CairnException.class, () -> locks.checkMayLock(session)).code();
  }

  @Test
  void locksAndWaits_countUntilTheyAreGone() throws Exception {
    LockWait wait =
        LockWait.newBuilder().setWanted(SessionLock.newBuilder().setSession(ONE)).build();
    locks.changed(row(7, ONE, ONE).addWaiting(wait).build());
    assertEquals(3, locks.count(ONE));
    assertEquals(ErrorCode.NO_LOCKS, refusal(ONE));
    assertEquals(37, ErrorCode.NO_LOCKS.errno());
    locks.checkMayLock(TWO);
    locks.changed(row(7, ONE, TWO).build());
    assertEquals(1, locks.count(ONE));
    assertEquals(1, locks.count(TWO));
    locks.changed(row(7).build());
    assertEquals(0, locks.count(ONE));
    assertEquals(0, locks.count(TWO));
    locks.checkMayLock(ONE);
  }

  @Test
  void oneMoreLockThanAllClientsMayHave_isRefused() {
    locks.changed(row(7, ONE, TWO).build());
    locks.changed(row(8, ONE, TWO).build());
    assertEquals(ErrorCode.NO_LOCKS, refusal(3));
  }

  @Test
  void aHoleInALock_isRefusedAtTheBound() throws Exception {
    locks.changed(row(7, ONE, ONE).build());
    locks.checkMaySplit(ONE, row(7, ONE, ONE, ONE).build());
    locks.changed(row(7, ONE, ONE, ONE).build());
    locks.checkMaySplit(ONE, row(7, ONE, ONE).build());
    locks.checkMaySplit(TWO, row(7, ONE, ONE, ONE, TWO).build());
    CairnException refused =
        assertThrows(
            CairnException.class,
            () -> locks.checkMaySplit(ONE, row(7, ONE, ONE, ONE, ONE).build()));
    assertEquals(ErrorCode.NO_LOCKS, refused.code());
  }
}
