package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.chunkserver.ChunkServer;
import dev.cairn.chunkserver.ChunkServerSettings;
import dev.cairn.chunkserver.data.DataPortSettings;
import dev.cairn.chunkserver.store.StoreSettings;
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
import dev.cairn.rpc.wire.SocketTransport;
import dev.cairn.rpc.wire.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
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
  private final Map<HostPort, ChunkServer> servers = new ConcurrentHashMap<>();
  private final Map<HostPort, Path> directories = new ConcurrentHashMap<>();
  private final AtomicReference<Throwable> fatal = new AtomicReference<>();
  private RocksStore store;
  private Master master;

  @BeforeEach
  void startCluster() throws Exception {
    new Random(3).nextBytes(content);
    Path data = scratch.resolve("master");
    MasterSettings settings =
        new MasterSettings(
            data,
            new HostPort("127.0.0.1", 0),
            new Defaults(CHUNK_BYTES, 2),
            Duration.ofSeconds(10),
            SessionSettings.of(Duration.ofSeconds(20)),
            Duration.ofSeconds(60),
            RepairSettings.defaults(),
            CompactionSettings.defaults());
    store = RocksStore.open(data);
    master = Master.start(settings, store, Time.system(), new Random(5), "cluster", fatal::set);
    for (int i = 1; i <= 3; i++) {
      Path directory = scratch.resolve("chunkserver-" + i);
      directories.put(start(new HostPort("127.0.0.1", 0), directory), directory);
    }
  }

  @AfterEach
  void stopCluster() throws Exception {
    servers.values().forEach(ChunkServer::close);
    master.stop();
    store.close();
  }

  private HostPort start(HostPort listen, Path directory) throws Exception {
    ChunkServer server =
        ChunkServer.start(
            new ChunkServerSettings(
                master.address(),
                StoreSettings.of(List.of(directory)),
                listen,
                "",
                "",
                DataPortSettings.defaults()));
    servers.put(server.address(), server);
    server.joined().get(20, TimeUnit.SECONDS);
    return server.address();
  }

  private void end(HostPort address) {
    ChunkServer server = servers.remove(address);
    if (server != null) {
      server.close();
    }
  }

  private static <T> T done(CompletableFuture<T> operation) throws Exception {
    return operation.get(30, TimeUnit.SECONDS);
  }

  private Vfs client(Transport dataPorts) throws IOException {
    return ClusterVfs.connect(master.address(), "test", ClientSettings.forMount(), dataPorts);
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
      AtomicReference<HostPort> ended = new AtomicReference<>();
      SteppedTransport transport =
          new SteppedTransport(
              step,
              server -> {
                ended.set(server);
                end(server);
              });
      attempt.run(step, transport);
      if (ended.get() != null) {
        start(ended.get(), directories.get(ended.get()));
      }
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
