package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.client.ClientSettings;
import dev.cairn.client.ClusterVfs;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.Caller;
import dev.cairn.client.vfs.Vfs.OpenFlags;
import dev.cairn.master.compact.CompactionSettings;
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

/**
 * A lock that was granted or queued for a client that never heard of it is nobody's for long. It
 * does not come free by expiry: sessions live longer than these tests wait.
 */
@Timeout(60)
class UnansweredLockTest {

  private static final Caller CALLER = new Caller(0, 0, 1);
  private static final OpenFlags WRITING = new OpenFlags(true, true, false, false);
  private static final ByteString NAME = ByteString.copyFromUtf8("f");

  @TempDir Path scratch;
  private InProcessCluster cluster;
  private Forwarder wire;
  private Vfs far;
  private Vfs near;
  private long farHandle;
  private long nearHandle;

  @BeforeEach
  void startMaster() throws Exception {
    cluster =
        new InProcessCluster(
            InProcessCluster.settings(
                scratch, 2 << 20, Duration.ofSeconds(3), CompactionSettings.defaults()));
    wire = new Forwarder(cluster.master());
    far = ClusterVfs.connect(wire.address(), "far", patient(Duration.ofSeconds(1)));
    near = ClusterVfs.connect(cluster.master(), "near", patient(Duration.ofSeconds(30)));
    nearHandle = done(near.create(CALLER, Vfs.ROOT, NAME, 0644, true, WRITING)).opened().handle();
    long inode = done(far.lookup(Vfs.ROOT, NAME)).getInode();
    farHandle = done(far.open(inode, WRITING)).handle();
  }

  @AfterEach
  void stopMaster() throws Exception {
    far.close();
    near.close();
    wire.close();
    cluster.end();
  }

  private static ClientSettings patient(Duration masterPatience) {
    ClientSettings mount = ClientSettings.forMount();
    return new ClientSettings(
        mount.writeBufferBytes(),
        mount.readCacheBytes(),
        mount.dataThreads(),
        masterPatience,
        mount.serverPatience(),
        mount.writeBackAfter());
  }

  private static <T> T done(CompletableFuture<T> operation) throws Exception {
    return operation.get(30, TimeUnit.SECONDS);
  }

  private static FileLock lock(long owner, LockMode mode) {
    return FileLock.newBuilder()
        .setKind(LockKind.WHOLE_FILE)
        .setOwner(owner)
        .setMode(mode)
        .setLast(Long.MAX_VALUE)
        .build();
  }

  /** Locks through a wire that loses the answer, and then is cut for as long as it takes. */
  private void lockUnanswered() throws Exception {
    wire.loseAnswers();
    CompletableFuture<Vfs.Locked> locked =
        far.lock(farHandle, lock(7, LockMode.EXCLUSIVE), new CompletableFuture<>());
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (done(near.testLock(nearHandle, lock(8, LockMode.EXCLUSIVE))).getMode()
        == LockMode.UNLOCKED) {
      assertTrue(System.nanoTime() < end, "the master has not heard of it");
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
    wire.cut();
    assertThrows(ExecutionException.class, () -> locked.get(20, TimeUnit.SECONDS));
    wire.heal();
  }

  @Test
  void lockGranted_toWhoWasToldOfAFailure_isGivenBack() throws Exception {
    lockUnanswered();
    done(near.lock(nearHandle, lock(8, LockMode.EXCLUSIVE), new CompletableFuture<>()));
    done(near.lock(nearHandle, lock(8, LockMode.UNLOCKED), null));
  }

  @Test
  void whoAsksAgain_afterAFailure_keepsWhatHeIsGranted() throws Exception {
    lockUnanswered();
    done(far.lock(farHandle, lock(7, LockMode.EXCLUSIVE), new CompletableFuture<>()));
    FileLock other = done(near.testLock(nearHandle, lock(8, LockMode.EXCLUSIVE)));
    assertEquals(LockMode.EXCLUSIVE, other.getMode());
    done(far.lock(farHandle, lock(7, LockMode.UNLOCKED), null));
    done(near.lock(nearHandle, lock(8, LockMode.EXCLUSIVE), null));
  }
}
