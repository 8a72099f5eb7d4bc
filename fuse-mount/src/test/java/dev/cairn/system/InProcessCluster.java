package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertNull;

import dev.cairn.chunkserver.ChunkServer;
import dev.cairn.chunkserver.ChunkServerSettings;
import dev.cairn.chunkserver.data.DataPortSettings;
import dev.cairn.chunkserver.store.StoreSettings;
import dev.cairn.master.Master;
import dev.cairn.master.MasterSettings;
import dev.cairn.master.compact.CompactionSettings;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.repair.RepairSettings;
import dev.cairn.master.session.SessionSettings;
import dev.cairn.master.store.RocksStore;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** A master and chunk servers in this JVM, for tests of what clients make of them. */
final class InProcessCluster {

  static final HostPort ANY_PORT = new HostPort("127.0.0.1", 0);

  private final AtomicReference<Throwable> fatal = new AtomicReference<>();
  private final Map<HostPort, ChunkServer> servers = new ConcurrentHashMap<>();
  private final Map<HostPort, Path> directories = new HashMap<>();
  private final RocksStore store;
  private final Master master;

  /** Starts a master. */
  InProcessCluster(MasterSettings settings) throws IOException {
    store = RocksStore.open(settings.data());
    master = Master.start(settings, store, Time.system(), new Random(5), "cluster", fatal::set);
  }

  /** Of a master in a directory, with patience for a slow machine. */
  static MasterSettings settings(
      Path data, int chunkSize, Duration garbageHold, CompactionSettings compaction) {
    return new MasterSettings(
        data,
        ANY_PORT,
        new Defaults(chunkSize, 2),
        Duration.ofSeconds(10),
        SessionSettings.of(Duration.ofSeconds(60)),
        garbageHold,
        RepairSettings.defaults(),
        compaction);
  }

  Masters master() {
    return Masters.of(master.address());
  }

  /** Starts a chunk server and waits until the master knows it; answers its address. */
  HostPort start(HostPort listen, Path directory) throws Exception {
    ChunkServer server =
        ChunkServer.start(
            new ChunkServerSettings(
                Masters.of(master.address()),
                StoreSettings.of(List.of(directory)),
                listen,
                "",
                "",
                DataPortSettings.defaults()));
    servers.put(server.address(), server);
    directories.put(server.address(), directory);
    server.joined().get(20, TimeUnit.SECONDS);
    return server.address();
  }

  /** Ends a chunk server, if it runs. */
  void end(HostPort address) {
    ChunkServer server = servers.remove(address);
    if (server != null) {
      server.close();
    }
  }

  /** Ends all chunk servers. */
  void endAll() {
    List.copyOf(servers.keySet()).forEach(this::end);
  }

  /** Starts the chunk servers again that were ended. */
  void startEnded() throws Exception {
    for (Map.Entry<HostPort, Path> ended : Map.copyOf(directories).entrySet()) {
      if (!servers.containsKey(ended.getKey())) {
        start(ended.getKey(), ended.getValue());
      }
    }
  }

  /** Ends all; fails when the master had given up by itself. */
  void end() throws Exception {
    servers.values().forEach(ChunkServer::close);
    master.stop();
    store.close();
    assertNull(fatal.get());
  }
}
