package dev.cairn.system;

import static dev.cairn.system.FarAndNear.done;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.LockKind;
import dev.cairn.rpc.proto.LockMode;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Locks of byte ranges that several threads of one process ask for at a time. */
@Timeout(60)
class LocksOfThreadsTest {

  private static final long END = Long.MAX_VALUE;

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

  private static FileLock lock(long owner, LockMode mode, long start, long last) {
    return FileLock.newBuilder()
        .setKind(LockKind.BYTE_RANGE)
        .setOwner(owner)
        .setMode(mode)
        .setStart(start)
        .setLast(last)
        .build();
  }

  private CompletableFuture<Vfs.Locked> far(
      LockMode mode, long start, long last, CompletableFuture<?> giveUp) {
    return clients.far.lock(clients.farHandle, lock(7, mode, start, last), giveUp);
  }

  private CompletableFuture<Vfs.Locked> near(LockMode mode, long start, long last) {
    return clients.near.lock(clients.nearHandle, lock(8, mode, start, last), null);
  }

  @Test
  void aLockGranted_whileAnotherThreadIsRefused_isGivenUpByTheClose() throws Exception {
    done(near(LockMode.EXCLUSIVE, 0, 9));
    CompletableFuture<Vfs.Locked> refused = far(LockMode.EXCLUSIVE, 0, 9, null);
    CompletableFuture<Vfs.Locked> granted = far(LockMode.EXCLUSIVE, 20, 29, null);
    assertThrows(ExecutionException.class, () -> refused.get(20, TimeUnit.SECONDS));
    done(granted);
    assertThrows(ExecutionException.class, () -> near(LockMode.EXCLUSIVE, 20, 29).get());
    done(clients.far.flush(clients.farHandle, 7));
    done(near(LockMode.EXCLUSIVE, 20, 29));
  }

  @Test
  void aLockGranted_afterAnotherThreadHasClosed_isGivenUpByTheNextClose() throws Exception {
    done(near(LockMode.EXCLUSIVE, 0, END));
    CompletableFuture<Vfs.Locked> waiting =
        far(LockMode.EXCLUSIVE, 0, 9, new CompletableFuture<>());
    done(clients.far.flush(clients.farHandle, 7));
    done(near(LockMode.UNLOCKED, 0, END));
    done(waiting);
    done(clients.far.flush(clients.farHandle, 7));
    done(near(LockMode.EXCLUSIVE, 0, END));
  }
}
