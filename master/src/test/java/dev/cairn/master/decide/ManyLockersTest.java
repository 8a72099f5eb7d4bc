package dev.cairn.master.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.master.lock.Lock;
import dev.cairn.master.record.proto.FileLocks;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.LockKind;
import dev.cairn.rpc.proto.LockMode;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.SetLockRequest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A thousand processes that wait for one lock, each of which gets it in its turn. */
final class ManyLockersTest {

  private static final int LOCKERS = 1000;
  private static final Duration MOST_EACH = Duration.ofMillis(20);

  private final LockDecider deciding = new LockDecider(new Defaults(4096, 2));
  private long sequence;

  @Test
  void aThousandWaitersOfOneLock_costMillisecondsEach() throws Exception {
    DecisionCore core = new DecisionCore(new MemoryStore());
    Session session = core.run((view, now) -> SessionDecider.open(view, "one", "", 1));
    long inode =
        core.run(
                (view, now) ->
                    new CreateDecider(new Defaults(4096, 2))
                        .create(
                            view,
                            CreateRequest.newBuilder()
                                .setParent(MetadataView.ROOT)
                                .setName(ByteString.copyFromUtf8("file"))
                                .setType(FileType.REGULAR)
                                .build(),
                            now))
            .getAttributes()
            .getInode();
    long began = System.nanoTime();
    for (int locker = 0; locker < LOCKERS; locker++) {
      set(core, session, inode, locker, LockMode.EXCLUSIVE);
    }
    long queued = System.nanoTime();
    for (int locker = 0; locker < LOCKERS; locker++) {
      FileLocks row = core.view().locks(inode);
      assertEquals(locker, row.getHeld(0).getLock().getOwner());
      set(core, session, inode, locker, LockMode.UNLOCKED);
    }
    long ended = System.nanoTime();
    assertTrue(
        ended - began < MOST_EACH.toNanos() * LOCKERS,
        "%d us to queue, %d us to serve each"
            .formatted((queued - began) / 1000 / LOCKERS, (ended - queued) / 1000 / LOCKERS));
  }

  private void set(DecisionCore core, Session session, long inode, long owner, LockMode mode)
      throws CairnException {
    sequence++;
    SetLockRequest request =
        SetLockRequest.newBuilder()
            .setContext(
                RequestContext.newBuilder().setSessionId(session.getId()).setSequence(sequence))
            .setInode(inode)
            .setLock(
                FileLock.newBuilder()
                    .setKind(LockKind.BYTE_RANGE)
                    .setMode(mode)
                    .setOwner(owner)
                    .setLast(Lock.END))
            .setWait(true)
            .build();
    core.run((view, now) -> deciding.set(view, request));
  }
}
