package dev.cairn.master.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.master.lock.Lock;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.record.proto.SessionLock;
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
import dev.cairn.rpc.proto.SetLockRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Waits in circles, over files and sessions: EDEADLK exactly for circles of holders, and no wait
 * that can never end.
 */
final class LockCirclesTest {

  private static final int OWNERS = 5;
  private static final int BYTES = 4;

  /** A process: waits for one lock at most, as a process with one thread does. */
  private record Owner(long session, long number) {}

  private record Wait(long inode, FileLock lock) {}

  private final LockDecider deciding = new LockDecider(new Defaults(4096, 2));
  private final List<Long> files = new ArrayList<>();
  private final List<Owner> owners = new ArrayList<>();
  private DecisionCore core;
  private long sequence;

  @BeforeEach
  void start() throws Exception {
    core = new DecisionCore(new MemoryStore());
    List<Session> sessions = new ArrayList<>();
    for (String name : List.of("one", "two", "three")) {
      sessions.add(core.run((view, now) -> SessionDecider.open(view, name, "", 1)));
      files.add(file(name));
    }
    for (int i = 0; i < OWNERS; i++) {
      owners.add(new Owner(sessions.get(i % sessions.size()).getId(), i));
    }
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

  private static FileLock lock(Owner owner, LockMode mode, long start, long last) {
    return FileLock.newBuilder()
        .setKind(LockKind.BYTE_RANGE)
        .setMode(mode)
        .setOwner(owner.number())
        .setStart(start)
        .setLast(last)
        .build();
  }

  /** Asks to lock or unlock and waits for it; the error, or null. */
  private ErrorCode set(Owner owner, long inode, FileLock lock) {
    sequence++;
    SetLockRequest request =
        SetLockRequest.newBuilder()
            .setContext(
                RequestContext.newBuilder().setSessionId(owner.session()).setSequence(sequence))
            .setInode(inode)
            .setLock(lock)
            .setWait(true)
            .build();
    try {
      core.run((view, now) -> deciding.set(view, request));
      return null;
    } catch (CairnException e) {
      return e.code();
    }
  }

  private List<SessionLock> held(long inode) {
    return core.view().locks(inode) == null ? List.of() : core.view().locks(inode).getHeldList();
  }

  private boolean holds(Owner owner, long inode, long at) {
    return held(inode).stream().anyMatch(row -> isOf(row, owner) && covers(row.getLock(), at));
  }

  private static boolean isOf(SessionLock row, Owner owner) {
    return row.getSession() == owner.session() && row.getLock().getOwner() == owner.number();
  }

  private static boolean covers(FileLock lock, long at) {
    return lock.getStart() <= at && at <= lock.getLast();
  }

  private Map<Owner, Wait> waits() {
    Map<Owner, Wait> waits = new HashMap<>();
    for (long inode : files) {
      if (core.view().locks(inode) != null) {
        core.view()
            .locks(inode)
            .getWaitingList()
            .forEach(
                row -> {
                  FileLock wanted = row.getWanted().getLock();
                  Owner owner = new Owner(row.getWanted().getSession(), wanted.getOwner());
                  waits.put(owner, new Wait(inode, wanted));
                });
      }
    }
    return waits;
  }

  private static boolean conflict(FileLock one, FileLock other) {
    return (one.getMode() == LockMode.EXCLUSIVE || other.getMode() == LockMode.EXCLUSIVE)
        && one.getStart() <= other.getLast()
        && other.getStart() <= one.getLast();
  }

  private Set<Owner> holdersInTheWay(Owner asker, Wait wait) {
    Set<Owner> found = new HashSet<>();
    for (SessionLock row : held(wait.inode())) {
      if (!isOf(row, asker) && conflict(row.getLock(), wait.lock())) {
        found.add(new Owner(row.getSession(), row.getLock().getOwner()));
      }
    }
    return found;
  }

  /** Follows holders naively, one path after the other. */
  private boolean isCircle(Owner asker, Set<Owner> from, Map<Owner, Wait> waits, Set<Owner> path) {
    for (Owner holder : from) {
      if (holder.equals(asker)) {
        return true;
      }
      if (waits.containsKey(holder) && path.add(holder)) {
        Set<Owner> next = holdersInTheWay(holder, waits.get(holder));
        if (isCircle(asker, next, waits, path)) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void queuedWaiterBetweenTwoHolders_isNoDeadlock_andIsOvertakenWhenTheByteIsFree() {
    Owner a = owners.get(0);
    Owner b = owners.get(1);
    Owner c = owners.get(2);
    long file = files.get(0);
    set(c, file, lock(c, LockMode.EXCLUSIVE, 10, 10));
    set(a, file, lock(a, LockMode.EXCLUSIVE, 0, 0));
    set(b, file, lock(b, LockMode.EXCLUSIVE, 0, 10));
    assertEquals(null, set(a, file, lock(a, LockMode.EXCLUSIVE, 10, 10)));
    assertEquals(Set.of(a, b), waits().keySet());
    set(c, file, lock(c, LockMode.UNLOCKED, 10, 10));
    assertTrue(holds(a, file, 10));
    set(a, file, lock(a, LockMode.UNLOCKED, 0, Lock.END));
    assertTrue(holds(b, file, 10));
  }

  @Test
  void waitThatIsFairOnly_isGranted_whenAnotherFileClosesTheCircle() {
    Owner a = owners.get(0);
    Owner b = owners.get(1);
    Owner c = owners.get(2);
    long file = files.get(0);
    long other = files.get(1);
    set(c, file, lock(c, LockMode.EXCLUSIVE, 0, 0));
    set(a, other, lock(a, LockMode.EXCLUSIVE, 0, 0));
    set(b, file, lock(b, LockMode.EXCLUSIVE, 0, 10));
    set(a, file, lock(a, LockMode.EXCLUSIVE, 10, 10));
    assertEquals(Set.of(a, b), waits().keySet());
    assertEquals(null, set(c, other, lock(c, LockMode.EXCLUSIVE, 0, 0)));
    assertTrue(holds(a, file, 10));
    assertEquals(Set.of(b, c), waits().keySet());
  }

  @Test
  void threeHoldersInACircle_areADeadlock() {
    for (int i = 0; i < 3; i++) {
      Owner owner = owners.get(i);
      set(owner, files.get(i), lock(owner, LockMode.EXCLUSIVE, 0, 0));
    }
    ErrorCode last = null;
    for (int i = 0; i < 3; i++) {
      Owner owner = owners.get(i);
      last = set(owner, files.get((i + 1) % 3), lock(owner, LockMode.SHARED, 0, 0));
    }
    assertEquals(ErrorCode.DEADLOCK, last);
  }

  @Test
  void randomWaits_areRefusedExactlyForCirclesOfHolders_andCanAlwaysEnd() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int step = 0; step < 4000; step++) {
      Map<Owner, Wait> waits = waits();
      List<Owner> running = owners.stream().filter(owner -> !waits.containsKey(owner)).toList();
      assertTrue(!running.isEmpty(), "everybody waits: seed " + seed + ", step " + step);
      step(random, running.get(random.nextInt(running.size())), waits, "seed " + seed);
      if (step % 25 == 0) {
        everyWaitEnds("seed " + seed);
      }
    }
  }

  private void step(Random random, Owner owner, Map<Owner, Wait> waits, String seed) {
    long inode = files.get(random.nextInt(files.size()));
    long start = random.nextInt(BYTES);
    long last = start + random.nextInt((int) (BYTES - start));
    LockMode mode =
        switch (random.nextInt(4)) {
          case 0 -> LockMode.UNLOCKED;
          case 1 -> LockMode.SHARED;
          default -> LockMode.EXCLUSIVE;
        };
    FileLock lock = lock(owner, mode, start, last);
    Set<Owner> inTheWay =
        mode == LockMode.UNLOCKED ? Set.of() : holdersInTheWay(owner, new Wait(inode, lock));
    boolean circle = isCircle(owner, inTheWay, waits, new HashSet<>());
    assertEquals(circle ? ErrorCode.DEADLOCK : null, set(owner, inode, lock), seed);
  }

  /** Everybody who runs gives up what it holds, and so on until nobody waits. */
  private void everyWaitEnds(String seed) {
    Map<Owner, Wait> before = waits();
    while (!before.isEmpty()) {
      for (Owner owner : owners) {
        if (!before.containsKey(owner)) {
          files.forEach(file -> set(owner, file, lock(owner, LockMode.UNLOCKED, 0, Lock.END)));
        }
      }
      Map<Owner, Wait> after = waits();
      assertTrue(after.size() < before.size(), () -> seed + ": " + after);
      before = after;
    }
  }
}
