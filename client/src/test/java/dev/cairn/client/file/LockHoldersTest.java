package dev.cairn.client.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.client.file.LockHolders.Holder;
import dev.cairn.client.master.Registration;
import dev.cairn.client.master.Registrations;
import dev.cairn.rpc.proto.LockKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class LockHoldersTest {

  private static final Holder PROCESS = new Holder(LockKind.BYTE_RANGE, 7);
  private static final Holder OTHER = new Holder(LockKind.BYTE_RANGE, 8);
  private static final long HANDLE = 3;

  private final Registration session = Registrations.any();
  private final LockHolders holders = new LockHolders();

  @Test
  void aRefusal_leavesWhatAnotherThreadIsGranted() {
    holders.asks(PROCESS, HANDLE);
    holders.asks(PROCESS, HANDLE);
    holders.granted(PROCESS, session);
    holders.answered(PROCESS);
    holders.answered(PROCESS);
    assertTrue(holders.has(PROCESS));
    assertEquals(List.of(PROCESS), holders.through(HANDLE));
    assertEquals(session, holders.session());
  }

  @Test
  void aRefusal_whereNothingElseIs_leavesNothing() {
    holders.asks(PROCESS, HANDLE);
    assertTrue(holders.has(PROCESS));
    assertFalse(holders.wasGranted(PROCESS));
    holders.answered(PROCESS);
    assertFalse(holders.has(PROCESS));
    assertEquals(List.of(), holders.through(HANDLE));
  }

  @Test
  void whatIsGranted_afterAllWasGivenUp_isKnown() {
    holders.asks(PROCESS, HANDLE);
    holders.gaveUp(PROCESS, holders.grants());
    holders.granted(PROCESS, session);
    holders.answered(PROCESS);
    assertEquals(List.of(PROCESS), holders.through(HANDLE));
    assertNotNull(holders.session());
  }

  @Test
  void whatIsGranted_whileAllIsGivenUp_mayBeThere() {
    holders.asks(PROCESS, HANDLE);
    long grants = holders.grants();
    holders.granted(PROCESS, session);
    holders.answered(PROCESS);
    holders.gaveUp(PROCESS, grants);
    assertTrue(holders.wasGranted(PROCESS));
    holders.gaveUp(PROCESS, holders.grants());
    assertFalse(holders.has(PROCESS));
  }

  @Test
  void theSession_isThatOfLocks_asLongAsAnyOwnerHasOne() {
    holders.asks(PROCESS, HANDLE);
    holders.granted(PROCESS, session);
    holders.answered(PROCESS);
    holders.asks(OTHER, HANDLE);
    holders.answered(OTHER);
    assertEquals(session, holders.session());
    holders.asks(OTHER, HANDLE);
    holders.gaveUp(PROCESS, holders.grants());
    assertNull(holders.session());
  }
}
