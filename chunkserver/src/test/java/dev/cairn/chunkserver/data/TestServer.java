package dev.cairn.chunkserver.data;

import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.chunkserver.store.LocalChunkStore;
import dev.cairn.chunkserver.store.StoreSettings;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.wire.SocketTransport;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A data port over a store in a directory, with short deadlines. */
final class TestServer implements Closeable {

  private static final DataPortSettings SETTINGS = patient(Duration.ofMillis(800));

  /** Settings with which a chain waits that long for another server. */
  static DataPortSettings patient(Duration wait) {
    return new DataPortSettings(
        100,
        64L << 20,
        wait,
        wait,
        Duration.ofSeconds(20),
        Duration.ofSeconds(2),
        Duration.ofSeconds(30),
        Duration.ofSeconds(60),
        Duration.ofMillis(500));
  }

  final ChunkStore store;
  final DataPort port;
  private final int id;
  volatile String clusterId = "";

  private TestServer(int id, ChunkStore store, DataPortSettings settings) throws IOException {
    this.id = id;
    this.store = store;
    this.port =
        DataPort.open(
            store, new SocketTransport(), new HostPort("127.0.0.1", 0), () -> clusterId, settings);
  }

  static TestServer on(int id, Path directory) throws IOException {
    return over(id, LocalChunkStore.open(StoreSettings.of(List.of(directory))));
  }

  static TestServer over(int id, ChunkStore store) throws IOException {
    return new TestServer(id, store, SETTINGS);
  }

  static TestServer with(int id, Path directory, DataPortSettings settings) throws IOException {
    return new TestServer(id, LocalChunkStore.open(StoreSettings.of(List.of(directory))), settings);
  }

  HostPort address() {
    return new HostPort("127.0.0.1", port.port());
  }

  ServerAddress asServer() {
    return ServerAddress.newBuilder()
        .setServerId(id)
        .setHost("127.0.0.1")
        .setPort(port.port())
        .build();
  }

  @Override
  public void close() {
    port.close();
    store.close();
  }
}
