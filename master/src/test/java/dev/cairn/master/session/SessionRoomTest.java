package dev.cairn.master.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.master.decide.DecisionCore;
import dev.cairn.master.record.proto.FileLocks;
import dev.cairn.master.record.proto.Lease;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.record.proto.SessionLock;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SessionRoomTest {

  private static final String HERE = "10.0.0.1";
  private static final String THERE = "10.0.0.2";

  private final LiveLocks locks = new LiveLocks(10, 10);
  private final Set<Long> ending = new HashSet<>();
  private LiveSessions sessions;
  private LiveLeases leases;
  private SessionRoom room;

  @BeforeEach
  void start() throws Exception {
    DecisionCore core = new DecisionCore(new MemoryStore());
    sessions = new LiveSessions(core.view(), SessionSettings.of(Duration.ofSeconds(20)), 0);
    leases = new LiveLeases(core.view(), sessions, 0, 0);
    room = new SessionRoom(sessions, locks, leases, 4, 3);
  }

  private LiveSession expendable(String address) throws CairnException {
    return room.expendable(address, ending::contains);
  }

  private LiveSession open(long id, String address) {
    sessions.opened(Session.newBuilder().setId(id).build(), id);
    LiveSession session = sessions.get(id);
    session.from(address);
    return session;
  }

  @Test
  void oneSessionMoreThanAnAddressMayHave_endsTheMostSilentThatHoldsNothing() throws Exception {
    open(1, HERE).opened(77);
    LiveSession silent = open(2, HERE);
    assertNull(expendable(HERE));
    LiveSession other = open(3, HERE);
    assertNull(expendable(THERE));
    assertEquals(silent, expendable(HERE));
    assertEquals(silent, expendable(HERE), "nothing was decided");
    ending.add(2L);
    assertEquals(other, expendable(HERE), "the end of the first is not written yet");
    sessions.ended(2);
    assertNull(expendable(HERE));
  }

  @Test
  void oneSessionMoreThanThereMayBe_isRefusedWhereAllHoldSomething() throws Exception {
    open(1, HERE).opened(77);
    open(2, HERE);
    open(3, THERE);
    open(4, THERE);
    locks.changed(
        FileLocks.newBuilder()
            .setInode(7)
            .addHeld(SessionLock.newBuilder().setSession(2))
            .addHeld(SessionLock.newBuilder().setSession(4))
            .build());
    leases.taken(Lease.newBuilder().setInode(8).setSession(3).build(), 0);
    CairnException refused = assertThrows(CairnException.class, () -> expendable("10.0.0.3"));
    assertEquals(ErrorCode.TOO_MANY_SESSIONS, refused.code());
    leases.ended(8);
    assertEquals(3, expendable("10.0.0.3").id());
  }

  @Test
  void leases_areBoundedForEachSession() throws Exception {
    for (int inode = 1; inode <= LiveLeases.MOST_OF_SESSION; inode++) {
      leases.checkMayTake(5, inode);
      leases.taken(Lease.newBuilder().setInode(inode).setSession(5).build(), 0);
    }
    leases.checkMayTake(5, 1);
    leases.checkMayTake(6, 1_000_000);
    CairnException refused =
        assertThrows(CairnException.class, () -> leases.checkMayTake(5, 1_000_000));
    assertEquals(ErrorCode.NO_LOCKS, refused.code());
    leases.taken(Lease.newBuilder().setInode(1).setSession(6).build(), 0);
    assertEquals(1, leases.count(6));
    leases.checkMayTake(5, 1_000_000);
  }
}
