package dev.cairn.master.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.master.lock.Lock;
import dev.cairn.master.lock.LockOwner;
import dev.cairn.master.lock.LockTable;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.LockKind;
import dev.cairn.rpc.proto.LockMode;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.SetLockReply;
import dev.cairn.rpc.proto.SetLockRequest;
import dev.cairn.rpc.proto.TestLockRequest;
import dev.cairn.rpc.proto.WithdrawLockRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Locks as sessions take them, with their rows. */
final class LockDeciderTest {

  private final LockDecider deciding = new LockDecider(new Defaults(4096, 2));
  private DecisionCore core;
  private Session one;
  private Session two;
  private long sequence;

  @BeforeEach
  void start() throws Exception {
    core = new DecisionCore(new MemoryStore());
    one = core.run((view, now) -> SessionDecider.open(view, "one", "", 1));
    two = core.run((view, now) -> SessionDecider.open(view, "two", "", 1));
  }

  private long file(String name) throws CairnException {
    CreateRequest request =
        CreateRequest.newBuilder()
            .setParent(MetadataView.ROOT)
            .setName(ByteString.copyFromUtf8(name))
            .setType(FileType.REGULAR)
            .build();
    return core.run(
            (view, now) -> new CreateDecider(new Defaults(4096, 2)).create(view, request, now))
        .getAttributes()
        .getInode();
  }

  private SetLockRequest request(
      Session session, long inode, LockKind kind, LockMode mode, boolean wait) {
    sequence++;
    return SetLockRequest.newBuilder()
        .setContext(RequestContext.newBuilder().setSessionId(session.getId()).setSequence(sequence))
        .setInode(inode)
        .setLock(FileLock.newBuilder().setKind(kind).setMode(mode).setOwner(5).setLast(Lock.END))
        .setWait(wait)
        .build();
  }

  private SetLockReply set(Session session, long inode, LockMode mode, boolean wait)
      throws CairnException {
    SetLockRequest request = request(session, inode, LockKind.BYTE_RANGE, mode, wait);
    return core.run((view, now) -> deciding.set(view, request));
  }

  private ErrorCode refusal(Session session, long inode, LockMode mode, boolean wait) {
    SetLockRequest request = request(session, inode, LockKind.BYTE_RANGE, mode, wait);
    return core.refusal((view, now) -> deciding.set(view, request));
  }

  private List<Long> lockedFiles(Session session) {
    List<Long> files = new ArrayList<>();
    core.view().lockedFiles(session.getId(), (inode, waits) -> files.add(inode));
    return files;
  }

  private void end(Session session) throws CairnException {
    boolean ended = core.run((view, now) -> SessionDecider.end(view, session.getId()));
    assertTrue(ended);
  }

  @Test
  void lockTellsTheFileAsItIs_andKeepsOthersOut() throws CairnException {
    long file = file("f");
    assertEquals(file, set(one, file, LockMode.EXCLUSIVE, false).getAttributes().getInode());
    assertEquals(ErrorCode.LOCKED, refusal(two, file, LockMode.SHARED, false));
    assertEquals(List.of(file), lockedFiles(one));
  }

  @Test
  void unlock_leavesNoRow() throws CairnException {
    long file = file("f");
    set(one, file, LockMode.EXCLUSIVE, false);
    set(one, file, LockMode.UNLOCKED, false);
    assertNull(core.view().locks(file));
    assertEquals(List.of(), lockedFiles(one));
  }

  @Test
  void wait_isGrantedByTheUnlock() throws CairnException {
    long file = file("f");
    set(one, file, LockMode.EXCLUSIVE, false);
    assertTrue(set(two, file, LockMode.EXCLUSIVE, true).getWaiting());
    set(one, file, LockMode.UNLOCKED, false);
    assertEquals(two.getId(), core.view().locks(file).getHeld(0).getSession());
    assertEquals(ErrorCode.LOCKED, refusal(one, file, LockMode.SHARED, false));
  }

  @Test
  void withdrawnWait_isNotGranted_andAGrantedOneIsNotWithdrawn() throws CairnException {
    long file = file("f");
    set(one, file, LockMode.EXCLUSIVE, false);
    set(two, file, LockMode.EXCLUSIVE, true);
    WithdrawLockRequest withdrawal =
        WithdrawLockRequest.newBuilder()
            .setContext(RequestContext.newBuilder().setSessionId(two.getId()))
            .setInode(file)
            .setWait(sequence)
            .build();
    assertTrue(core.run((view, now) -> LockDecider.withdraw(view, withdrawal)).getWithdrawn());
    assertFalse(core.run((view, now) -> LockDecider.withdraw(view, withdrawal)).getWithdrawn());
    set(one, file, LockMode.UNLOCKED, false);
    assertNull(core.view().locks(file));
  }

  @Test
  void endOfASession_freesItsLocks_forWhoWaits() throws CairnException {
    long file = file("f");
    set(one, file, LockMode.EXCLUSIVE, false);
    set(two, file, LockMode.EXCLUSIVE, true);
    end(one);
    assertEquals(two.getId(), core.view().locks(file).getHeld(0).getSession());
    assertEquals(List.of(), lockedFiles(one));
    end(two);
    assertNull(core.view().locks(file));
  }

  @Test
  void waitsInACircle_areDeadlock_forFcntlAcrossFiles() throws CairnException {
    long first = file("a");
    long second = file("b");
    set(one, first, LockMode.EXCLUSIVE, false);
    set(two, second, LockMode.EXCLUSIVE, false);
    assertTrue(set(one, second, LockMode.EXCLUSIVE, true).getWaiting());
    assertEquals(ErrorCode.DEADLOCK, refusal(two, first, LockMode.EXCLUSIVE, true));
  }

  @Test
  void twoSharedFlocks_thatBothWantMore_areServedOneAfterTheOther() throws CairnException {
    long file = file("f");
    for (Session session : List.of(one, two)) {
      SetLockRequest shared = request(session, file, LockKind.WHOLE_FILE, LockMode.SHARED, true);
      assertFalse(core.run((view, now) -> deciding.set(view, shared)).getWaiting());
    }
    SetLockRequest mine = request(one, file, LockKind.WHOLE_FILE, LockMode.EXCLUSIVE, true);
    assertTrue(core.run((view, now) -> deciding.set(view, mine)).getWaiting());
    SetLockRequest other = request(two, file, LockKind.WHOLE_FILE, LockMode.EXCLUSIVE, true);
    // The last holder does not queue behind somebody who waits for it.
    assertFalse(core.run((view, now) -> deciding.set(view, other)).getWaiting());
    assertEquals(two.getId(), core.view().locks(file).getHeld(0).getSession());
    assertEquals(1, core.view().locks(file).getWaitingCount());
  }

  @Test
  void test_namesTheLockInTheWay_butNoProcessOfAnotherMachine() throws CairnException {
    long file = file("f");
    set(one, file, LockMode.EXCLUSIVE, false);
    FileLock asked =
        FileLock.newBuilder()
            .setKind(LockKind.BYTE_RANGE)
            .setMode(LockMode.SHARED)
            .setOwner(5)
            .setStart(7)
            .setLast(9)
            .build();
    TestLockRequest.Builder request = TestLockRequest.newBuilder().setInode(file).setLock(asked);
    FileLock found =
        LockDecider.test(core.view(), request.setSessionId(two.getId()).build()).getLock();
    assertEquals(LockMode.EXCLUSIVE, found.getMode());
    assertEquals(Lock.END, found.getLast());
    FileLock own =
        LockDecider.test(core.view(), request.setSessionId(one.getId()).build()).getLock();
    assertEquals(LockMode.UNLOCKED, own.getMode());
    assertNotNull(core.view().locks(file));
  }

  @Test
  void removedFile_isStale() {
    assertEquals(ErrorCode.STALE, refusal(one, 999, LockMode.SHARED, false));
  }

  @Test
  void aHoleInALock_isRefusedWhereAFileHasAsManyLocksAsItMay() throws Exception {
    long file = file("f");
    LockTable full = new LockTable(file);
    full.hold(new Lock(new LockOwner(one.getId(), LockKind.BYTE_RANGE, 5), 0, Lock.END, false, 7));
    for (int other = 1; other < LockDecider.MOST_LOCKS_PER_FILE; other++) {
      LockOwner owner = new LockOwner(two.getId(), LockKind.BYTE_RANGE, other);
      full.hold(new Lock(owner, 0, Lock.END, false, 7));
    }
    Record row = Record.newBuilder().setFileLocksChanged(full.toRow()).build();
    core.run((view, now) -> new Decision<>(List.of(row), true));
    SetLockRequest all = request(one, file, LockKind.BYTE_RANGE, LockMode.UNLOCKED, false);
    SetLockRequest hole =
        all.toBuilder().setLock(all.getLock().toBuilder().setStart(1).setLast(1)).build();
    assertEquals(ErrorCode.NO_LOCKS, core.refusal((view, now) -> deciding.set(view, hole)));
    core.run((view, now) -> deciding.set(view, all));
    assertEquals(LockDecider.MOST_LOCKS_PER_FILE - 1, core.view().locks(file).getHeldCount());
    core.run((view, now) -> deciding.set(view, hole));
  }
}
