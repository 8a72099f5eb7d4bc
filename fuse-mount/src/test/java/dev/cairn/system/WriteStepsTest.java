package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.client.ClientSettings;
import dev.cairn.client.ClusterVfs;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.Caller;
import dev.cairn.client.vfs.Vfs.OpenFlags;
import dev.cairn.master.compact.CompactionSettings;
import dev.cairn.rpc.wire.SocketTransport;
import dev.cairn.rpc.wire.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writes a file again and again; each time a chunk server ends before another step of it. */
final class WriteStepsTest {

  private static final int CHUNK_BYTES = 64 << 10;
  private static final Caller CALLER = new Caller(0, 0, 1);
  private static final OpenFlags WRITING = new OpenFlags(false, true, false, false);
  private static final OpenFlags READING = new OpenFlags(true, false, false, false);

  @TempDir Path scratch;
  private final byte[] content = new byte[3 * CHUNK_BYTES + 1234];
  private InProcessCluster cluster;

  @BeforeEach
  void startCluster() throws Exception {
    new Random(3).nextBytes(content);
    cluster =
        new InProcessCluster(
            InProcessCluster.settings(
                scratch.resolve("master"),
                CHUNK_BYTES,
                Duration.ofSeconds(60),
                CompactionSettings.defaults()));
    for (int i = 1; i <= 3; i++) {
      cluster.start(InProcessCluster.ANY_PORT, scratch.resolve("chunkserver-" + i));
    }
  }

  @AfterEach
  void stopCluster() throws Exception {
    cluster.end();
  }

  private static <T> T done(CompletableFuture<T> operation) throws Exception {
    return operation.get(30, TimeUnit.SECONDS);
  }

  private Vfs client(Transport dataPorts) throws IOException {
    return ClusterVfs.connect(cluster.master(), "test", ClientSettings.forMount(), dataPorts);
  }

  /** Writes the content in pieces, with an fsync between them and a close at the end. */
  private void write(String name, Transport dataPorts) throws Exception {
    try (Vfs files = client(dataPorts)) {
      long handle =
          done(files.create(CALLER, Vfs.ROOT, ByteString.copyFromUtf8(name), 0644, true, WRITING))
              .opened()
              .handle();
      int half = content.length / 2;
      done(files.write(handle, 0, ByteBuffer.wrap(content, 0, half), false));
      done(files.fsync(handle));
      done(files.write(handle, half, ByteBuffer.wrap(content, half, content.length - half), false));
      done(files.flush(handle));
      done(files.release(handle));
    }
  }

  private byte[] read(String name, Transport dataPorts) throws Exception {
    try (Vfs files = client(dataPorts)) {
      long inode = done(files.lookup(Vfs.ROOT, ByteString.copyFromUtf8(name))).getInode();
      long handle = done(files.open(inode, READING)).handle();
      ByteBuffer into = ByteBuffer.allocateDirect(content.length + 1);
      int length = done(files.read(handle, 0, into));
      done(files.release(handle));
      byte[] bytes = new byte[length];
      into.flip().get(bytes);
      return bytes;
    }
  }

  private interface Attempt {
    void run(int number, SteppedTransport transport) throws Exception;
  }

  /** Repeats an attempt, and has a server end before the first, second... step of it. */
  private void atEachStep(Attempt attempt) throws Exception {
    SteppedTransport undisturbed = new SteppedTransport(0, server -> {});
    attempt.run(0, undisturbed);
    assertTrue(undisturbed.steps() > 3, "nothing went over the data port");
    for (int step = 1; step <= undisturbed.steps(); step++) {
      attempt.run(step, new SteppedTransport(step, cluster::end));
      cluster.startEnded();
    }
  }

  @Test
  void write_withAServerEndingAtEachStep_losesNothing() throws Exception {
    atEachStep(
        (number, transport) -> {
          write("file" + number, transport);
          assertArrayEquals(
              content, read("file" + number, new SocketTransport()), "step " + number);
        });
  }

  @Test
  void read_withAServerEndingAtEachStep_goesOnAtAnother() throws Exception {
    write("file", new SocketTransport());
    atEachStep(
        (number, transport) ->
            assertArrayEquals(content, read("file", transport), "step " + number));
  }
}
