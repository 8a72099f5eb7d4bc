package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.client.ClientSettings;
import dev.cairn.client.ClusterVfs;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.Caller;
import dev.cairn.client.vfs.Vfs.OpenFlags;
import dev.cairn.master.Master;
import dev.cairn.master.MasterSettings;
import dev.cairn.master.compact.CompactionSettings;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.repair.RepairSettings;
import dev.cairn.master.session.SessionSettings;
import dev.cairn.master.store.RocksStore;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.LockKind;
import dev.cairn.rpc.proto.LockMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A lock that was granted or queued for a client that never heard of it is nobody's for long. */
@Timeout(60)
class UnansweredLockTest {

  private static final Caller CALLER = new Caller(0, 0, 1);
  private static final OpenFlags WRITING = new OpenFlags(true, true, false, false);
  private static final ByteString NAME = ByteString.copyFromUtf8("f");

  @TempDir Path scratch;
  private final AtomicReference<Throwable> fatal = new AtomicReference<>();
  private RocksStore store;
  private Master master;
  private Forwarder wire;
  private Vfs far;
  private Vfs near;
  private long farHandle;
  private long nearHandle;

  @BeforeEach
  void startMaster() throws Exception {
    MasterSettings settings =
        new MasterSettings(
            scratch,
            new HostPort("127.0.0.1", 0),
            new Defaults(2 << 20, 2),
            Duration.ofSeconds(10),
            // Far longer than the test: what comes free does not come free by expiry.
            SessionSettings.of(Duration.ofSeconds(300)),
            Duration.ofSeconds(3),
            RepairSettings.defaults(),
            CompactionSettings.defaults());
    store = RocksStore.open(scratch);
    master = Master.start(settings, store, Time.system(), new Random(5), "cluster", fatal::set);
    wire = new Forwarder(master.address());
    far = ClusterVfs.connect(wire.address(), "far", patient(Duration.ofSeconds(1)));
    near = ClusterVfs.connect(master.address(), "near", patient(Duration.ofSeconds(30)));
    nearHandle = done(near.create(CALLER, Vfs.ROOT, NAME, 0644, true, WRITING)).opened().handle();
    long inode = done(far.lookup(Vfs.ROOT, NAME)).getInode();
    farHandle = done(far.open(inode, WRITING)).handle();
  }

  @AfterEach
  void stopMaster() throws Exception {
    far.close();
    near.close();
    wire.close();
    master.stop();
    store.close();
    assertNull(fatal.get());
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
