package dev.cairn.system;

import static dev.cairn.system.FarAndNear.done;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.client.Failures;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.OpenFlags;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.LockKind;
import dev.cairn.rpc.proto.LockMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A lease that was given to a client that never heard of it is over with its term. */
@Timeout(90)
class UnansweredLeaseTest {

  /** Heartbeats come more often. */
  private static final ByteString TERM = ByteString.copyFromUtf8("6s");

  private static final OpenFlags READING = new OpenFlags(true, false, false, false);

  private static boolean leased(FarAndNear clients) throws CairnException {
    try {
      return !Failures.await(clients.near.getXattr(clients.inode, Vfs.LEASE)).isEmpty();
    } catch (CairnException e) {
      if (e.code() != ErrorCode.NO_ATTRIBUTE) {
        throw e;
      }
      return false;
    }
  }

  private static void until(FarAndNear clients, boolean leased) throws CairnException {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (leased(clients) != leased) {
      assertTrue(System.nanoTime() < end, leased ? "nobody has a lease" : "somebody has a lease");
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  @Test
  void aLeaseTaken_forWhoWasToldOfAFailure_isNotRenewed(@TempDir Path scratch) throws Exception {
    FarAndNear clients = new FarAndNear(scratch, Duration.ofSeconds(12));
    FileLock lock =
        FileLock.newBuilder()
            .setKind(LockKind.WHOLE_FILE)
            .setOwner(7)
            .setMode(LockMode.EXCLUSIVE)
            .setLast(Long.MAX_VALUE)
            .build();
    done(clients.far.lock(clients.farHandle, lock, null));
    done(clients.near.release(clients.nearHandle));
    // Answered once the master has heard of the release.
    done(clients.far.setXattr(clients.inode, Vfs.LEASE, TERM, false, false));
    done(clients.far.removeXattr(clients.inode, Vfs.LEASE));
    long nearHandle = done(clients.near.open(clients.inode, READING)).handle();
    clients.wire.loseAnswers();
    CompletableFuture<Void> taken =
        clients.far.setXattr(clients.inode, Vfs.LEASE, TERM, false, false);
    until(clients, true);
    clients.wire.cut();
    assertThrows(ExecutionException.class, () -> taken.get(20, TimeUnit.SECONDS));
    clients.wire.heal();
    until(clients, false);
    // It was its term that ended the lease, and not the session.
    assertEquals(LockMode.EXCLUSIVE, done(clients.near.testLock(nearHandle, lock)).getMode());
    clients.stop();
  }
}
