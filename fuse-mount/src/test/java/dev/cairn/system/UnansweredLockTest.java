package dev.cairn.system;

import static dev.cairn.system.FarAndNear.done;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.LockKind;
import dev.cairn.rpc.proto.LockMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A lock that was granted or queued for a client that never heard of it is nobody's for long. */
@Timeout(60)
class UnansweredLockTest {

  @TempDir Path scratch;
  private FarAndNear clients;

  @BeforeEach
  void connect() throws Exception {
    clients = new FarAndNear(scratch);
  }

  @AfterEach
  void stop() throws Exception {
    clients.stop();
  }

  private static FileLock lock(long owner, LockMode mode) {
    return FileLock.newBuilder()
        .setKind(LockKind.WHOLE_FILE)
        .setOwner(owner)
        .setMode(mode)
        .setLast(Long.MAX_VALUE)
        .build();
  }

  private CompletableFuture<Vfs.Locked> far(LockMode mode, CompletableFuture<?> giveUp) {
    return clients.far.lock(clients.farHandle, lock(7, mode), giveUp);
  }

  private CompletableFuture<Vfs.Locked> near(LockMode mode, CompletableFuture<?> giveUp) {
    return clients.near.lock(clients.nearHandle, lock(8, mode), giveUp);
  }

  private LockMode inTheWayOfNear() throws Exception {
    FileLock wanted = lock(8, LockMode.EXCLUSIVE);
    return done(clients.near.testLock(clients.nearHandle, wanted)).getMode();
  }

  /** Locks through a wire that loses the answer, and then is cut for as long as it takes. */
  private void lockUnanswered() throws Exception {
    clients.wire.loseAnswers();
    CompletableFuture<Vfs.Locked> locked = far(LockMode.EXCLUSIVE, new CompletableFuture<>());
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (inTheWayOfNear() == LockMode.UNLOCKED) {
      assertTrue(System.nanoTime() < end, "the master has not heard of it");
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
    clients.wire.cut();
    assertThrows(ExecutionException.class, () -> locked.get(20, TimeUnit.SECONDS));
    clients.wire.heal();
  }

  @Test
  void lockGranted_toWhoWasToldOfAFailure_isGivenBack() throws Exception {
    lockUnanswered();
    done(near(LockMode.EXCLUSIVE, new CompletableFuture<>()));
    done(near(LockMode.UNLOCKED, null));
  }

  @Test
  void whoAsksAgain_afterAFailure_keepsWhatHeIsGranted() throws Exception {
    lockUnanswered();
    done(far(LockMode.EXCLUSIVE, new CompletableFuture<>()));
    assertEquals(LockMode.EXCLUSIVE, inTheWayOfNear());
    done(far(LockMode.UNLOCKED, null));
    done(near(LockMode.EXCLUSIVE, null));
  }
}
