package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import dev.cairn.client.ClientSettings;
import dev.cairn.client.ClusterVfs;
import dev.cairn.client.Failures;
import dev.cairn.client.cluster.LeaseClient;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.Caller;
import dev.cairn.client.vfs.Vfs.OpenFlags;
import dev.cairn.master.compact.CompactionSettings;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.LockKind;
import dev.cairn.rpc.proto.LockMode;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of writes that fail or are given up, and of the locks of files they fail in. */
@Timeout(120)
final class WriteErrorsTest {

  private static final int MIB = 1 << 20;
  private static final Caller CALLER = new Caller(0, 0, 1);
  private static final OpenFlags WRITING = new OpenFlags(false, true, false, false);
  private static final OpenFlags READING = new OpenFlags(true, false, false, false);
  private static final ByteString NAME = ByteString.copyFromUtf8("file");
  private static final FileLock FLOCK =
      FileLock.newBuilder()
          .setKind(LockKind.WHOLE_FILE)
          .setOwner(7)
          .setMode(LockMode.SHARED)
          .setLast(Long.MAX_VALUE)
          .build();

  @TempDir Path scratch;
  private InProcessCluster cluster;

  @BeforeEach
  void startMaster() throws Exception {
    cluster =
        new InProcessCluster(
            InProcessCluster.settings(
                scratch.resolve("master"),
                64 * MIB,
                Duration.ofSeconds(60),
                CompactionSettings.defaults()));
  }

  @AfterEach
  void stopCluster() throws Exception {
    cluster.end();
  }

  private void startServers() throws Exception {
    for (int i = 1; i <= 2; i++) {
      cluster.start(InProcessCluster.ANY_PORT, scratch.resolve("chunkserver-" + i));
    }
  }

  private Vfs client(Duration serverPatience) throws CairnException {
    ClientSettings settings =
        new ClientSettings(
            4 * MIB, 4 * MIB, 8, Duration.ofSeconds(30), serverPatience, Duration.ofMillis(100));
    return ClusterVfs.connect(cluster.master(), "test", settings);
  }

  private static <T> T done(CompletableFuture<T> operation) throws Exception {
    return operation.get(30, TimeUnit.SECONDS);
  }

  private static ErrorCode failure(CompletableFuture<?> operation) {
    return assertThrows(CairnException.class, () -> Failures.await(operation)).code();
  }

  private static Vfs.Created create(Vfs files) throws Exception {
    return done(files.create(CALLER, Vfs.ROOT, NAME, 0644, true, WRITING));
  }

  @Test
  void writesGivenUp_whileTheyWaitForMemory_leaveTheMemoryToOthers() throws Exception {
    try (Vfs files = client(Duration.ofSeconds(60))) {
      long handle = create(files).opened().handle();
      List<CompletableFuture<Integer>> writes = new ArrayList<>();
      // There is memory for four, and nobody to send them to.
      for (int i = 0; i < 8; i++) {
        writes.add(files.write(handle, (long) i * MIB, ByteBuffer.allocate(MIB), false));
      }
      assertFalse(writes.get(4).isDone());
      // Each waits behind the one before.
      writes.subList(4, 8).forEach(write -> write.cancel(true));
      startServers();
      for (int i = 0; i < 12; i++) {
        assertEquals(
            MIB, done(files.write(handle, (long) i * MIB, ByteBuffer.allocate(MIB), false)));
      }
      done(files.flush(handle));
      done(files.release(handle));
    }
  }

  @Test
  void serversStartedAnew_betweenTwoWrites_areWrittenToAtOnce() throws Exception {
    startServers();
    try (Vfs files = client(Duration.ofSeconds(6))) {
      Vfs.Created made = create(files);
      long handle = made.opened().handle();
      done(files.write(handle, 0, ByteBuffer.allocate(100), false));
      done(files.fsync(handle));
      cluster.endAll();
      cluster.startEnded();
      done(files.write(handle, 0, ByteBuffer.allocate(100), false));
      done(files.fsync(handle));
      done(files.release(handle));
      String chunks =
          done(files.getXattr(
                  made.attributes().getInode(), ByteString.copyFromUtf8("user.cairn.chunks")))
              .toStringUtf8();
      assertEquals(2, chunks.split("127.0.0.1:", -1).length - 1, chunks);
    }
  }

  @Test
  void anError_isLeftToTheWriter_whenSomebodyElseUnlocks() throws Exception {
    try (Vfs files = client(Duration.ofMillis(300))) {
      Vfs.Created made = create(files);
      long writing = made.opened().handle();
      long reading = done(files.open(made.attributes().getInode(), READING)).handle();
      done(files.lock(reading, FLOCK, null));
      done(files.write(writing, 0, ByteBuffer.allocate(10), false));
      FileLock unlock = FLOCK.toBuilder().setMode(LockMode.UNLOCKED).build();
      assertEquals(ErrorCode.NO_SERVERS, failure(files.lock(reading, unlock, null)));
      done(files.flush(reading, FLOCK.getOwner()));
      done(files.release(reading));
      assertEquals(ErrorCode.NO_SERVERS, failure(files.flush(writing)));
      done(files.flush(writing));
      done(files.release(writing));
    }
  }

  @Test
  void locksOfAFile_whoseLeaseWasEnded_areGivenUpAtTheClose() throws Exception {
    startServers();
    try (Vfs files = client(Duration.ofSeconds(6));
        Vfs others = client(Duration.ofSeconds(6));
        LeaseClient leases = new LeaseClient(cluster.master())) {
      Vfs.Created made = create(files);
      long inode = made.attributes().getInode();
      long handle = made.opened().handle();
      done(files.lock(handle, FLOCK, null));
      done(files.setXattr(inode, Vfs.LEASE, ByteString.copyFromUtf8("60s"), false, false));
      leases.end(inode);
      done(files.write(handle, 0, ByteBuffer.allocate(10), false));
      assertEquals(ErrorCode.LEASE_LOST, failure(files.flush(handle, 1)));
      done(files.release(handle));
      long other = done(others.open(inode, READING)).handle();
      FileLock exclusive = FLOCK.toBuilder().setMode(LockMode.EXCLUSIVE).build();
      done(others.lock(other, exclusive, new CompletableFuture<>()));
      done(others.release(other));
    }
  }
}
