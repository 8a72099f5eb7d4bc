package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.cairn.client.ClientSettings;
import dev.cairn.client.ClusterVfs;
import dev.cairn.client.cluster.ClusterClient;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.Caller;
import dev.cairn.client.vfs.Vfs.OpenFlags;
import dev.cairn.master.compact.CompactionSettings;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.GetStatusReply;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nothing stays of a file that was closed: not at the client, and no open chunk. */
@Timeout(120)
class ClosedFilesTest {

  private static final Caller CALLER = new Caller(0, 0, 1);
  private static final OpenFlags WRITING = new OpenFlags(false, true, false, false);
  private static final OpenFlags BOTH = new OpenFlags(true, true, false, false);
  private static final ByteString NAME = ByteString.copyFromUtf8("f");

  @TempDir Path scratch;
  private InProcessCluster cluster;
  private Vfs files;

  @BeforeEach
  void startCluster() throws Exception {
    cluster =
        new InProcessCluster(
            InProcessCluster.settings(
                scratch.resolve("master"),
                2 << 20,
                Duration.ofSeconds(60),
                CompactionSettings.defaults()));
    for (int i = 1; i <= 2; i++) {
      cluster.start(InProcessCluster.ANY_PORT, scratch.resolve("chunkserver-" + i));
    }
    files = ClusterVfs.connect(cluster.master(), "test", ClientSettings.forMount());
  }

  @AfterEach
  void stopCluster() throws Exception {
    files.close();
    cluster.end();
  }

  private static <T> T done(CompletableFuture<T> operation) throws Exception {
    return operation.get(30, TimeUnit.SECONDS);
  }

  private void untilStatus(Predicate<GetStatusReply> condition) throws Exception {
    try (ClusterClient client = new ClusterClient(cluster.master())) {
      TestCluster.until(() -> condition.test(client.status()));
    }
  }

  @Test
  void fileForcedBeforeItsClose_isForgotten_andItsChunkSealed() throws Exception {
    Vfs.Created created = done(files.create(CALLER, Vfs.ROOT, NAME, 0644, true, WRITING));
    long inode = created.attributes().getInode();
    long handle = created.opened().handle();
    ByteBuffer bytes = ByteBuffer.wrap("forced before the close".getBytes(StandardCharsets.UTF_8));
    done(files.write(handle, 0, bytes, false));
    done(files.fsync(handle));
    final Attributes forced = done(files.lookup(Vfs.ROOT, NAME));
    done(files.flush(handle));
    done(files.release(handle));
    untilStatus(status -> status.getSessions(0).getOpenFiles() == 0);
    // The seal is no change of the file.
    assertEquals(forced, done(files.lookup(Vfs.ROOT, NAME)));

    ByteString trash = ByteString.copyFromUtf8("user.cairn.trash");
    done(files.setXattr(inode, trash, ByteString.copyFromUtf8("0"), false, false));
    done(files.unlink(Vfs.ROOT, NAME));
    // A chunk that somebody still writes never becomes garbage.
    untilStatus(status -> status.getGarbageChunks() == 1);
  }

  /** Counts one up as whoever has a lock does, and does not wait until the close has settled. */
  private CompletableFuture<Void> count(Vfs through, long inode, int expected) throws Exception {
    long handle = done(through.open(inode, BOTH)).handle();
    ByteBuffer read = ByteBuffer.allocateDirect(4);
    int length = done(through.read(handle, 0, read));
    assertEquals(expected, length == 0 ? 0 : read.flip().getInt(), "a stale count");
    ByteBuffer next = ByteBuffer.allocate(4).putInt(expected + 1).flip();
    done(through.write(handle, 0, next, false));
    done(through.fsync(handle));
    done(through.flush(handle));
    return through.release(handle);
  }

  @Test
  void writersWhoTakeTurns_seeEachOther_whileTheirClosesAreSettled() throws Exception {
    Vfs.Created created = done(files.create(CALLER, Vfs.ROOT, NAME, 0644, true, WRITING));
    long inode = created.attributes().getInode();
    done(files.release(created.opened().handle()));
    try (Vfs other = ClusterVfs.connect(cluster.master(), "other", ClientSettings.forMount())) {
      CompletableFuture<Void> released = CompletableFuture.completedFuture(null);
      for (int number = 0; number < 600; number++) {
        CompletableFuture<Void> before = released;
        released = count(number % 3 == 0 ? other : files, inode, number);
        done(before);
      }
      done(released);
    }
    untilStatus(status -> status.getSessions(0).getOpenFiles() == 0);
  }
}
