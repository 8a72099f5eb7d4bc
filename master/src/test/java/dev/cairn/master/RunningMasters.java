package dev.cairn.master;

import dev.cairn.master.compact.CompactionSettings;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.log.StoreLog;
import dev.cairn.master.raft.Member;
import dev.cairn.master.raft.Peer;
import dev.cairn.master.repair.RepairSettings;
import dev.cairn.master.session.SessionSettings;
import dev.cairn.master.store.RocksStore;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.HostPort;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Several masters in this process, each with a directory and ports of its own. */
final class RunningMasters implements AutoCloseable {

  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** One that runs. */
  private record Running(DataDirectory directory, RocksStore store, ReplicatedMaster master) {}

  private final Path root;
  private final List<Peer> peers = new ArrayList<>();
  private final Map<Integer, Running> running = new ConcurrentHashMap<>();
  private final Map<Integer, Throwable> failures = new ConcurrentHashMap<>();

  RunningMasters(Path root, int count) throws IOException {
    this.root = root;
    List<ServerSocket> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ServerSocket control = new ServerSocket(0);
      ServerSocket raft = new ServerSocket(0);
      taken.add(control);
      taken.add(raft);
      peers.add(Peer.parse("127.0.0.1:" + control.getLocalPort() + "/" + raft.getLocalPort()));
    }
    for (ServerSocket socket : taken) {
      socket.close();
    }
  }

  List<Peer> peers() {
    return peers;
  }

  Path directory(int number) {
    return root.resolve("master-" + number);
  }

  /** As many as there are to be, all started. */
  static RunningMasters start(Path root, int count) throws IOException {
    RunningMasters masters = new RunningMasters(root, count);
    masters.startAll();
    return masters;
  }

  void startAll() throws IOException {
    for (int i = 0; i < peers.size(); i++) {
      start(i);
    }
  }

  void start(int number) throws IOException {
    start(number, peers);
  }

  void start(int number, List<Peer> named) throws IOException {
    DataDirectory directory = DataDirectory.open(directory(number));
    RocksStore store = RocksStore.open(directory.tables());
    directory.holds(Founding.clusterIn(store));
    ReplicatedMaster master =
        ReplicatedMaster.start(
            settings(number),
            named,
            peers.get(number),
            directory,
            store,
            Time.system(),
            new Random(number),
            "cluster-1",
            why -> failures.put(number, why));
    running.put(number, new Running(directory, store, master));
  }

  /** Leaves a directory as one master alone does. */
  void foundAlone(int number) throws IOException {
    foundAlone(number, "cluster-1");
  }

  void foundAlone(int number, String cluster) throws IOException {
    try (DataDirectory directory = DataDirectory.open(directory(number));
        RocksStore store = RocksStore.open(directory.tables())) {
      directory.holds(
          Founding.found(store, new StoreLog(store), cluster, Founder.ROOT, Time.system().now()));
    }
  }

  /** Returns when the master is a member and has all that the leader has. */
  void awaitCaughtUp(int number) {
    String address = address(number).toString();
    await(
        "master " + number + " has caught up",
        () -> {
          Member member = master(leader()).member();
          long last = -1;
          long has = -1;
          for (Member.Standing each : member.members()) {
            last = Math.max(last, each.lastIndex());
            if (each.member().address().equals(address)) {
              has = each.lastIndex();
            }
          }
          Member own = master(number).member();
          return has >= 0 && has == last && own != null && own.isMember();
        });
  }

  private MasterSettings settings(int number) {
    return new MasterSettings(
        directory(number),
        peers.get(number).control(),
        new Defaults(64 << 20, 2),
        Duration.ofSeconds(10),
        SessionSettings.of(Duration.ofSeconds(20)),
        Duration.ofSeconds(20),
        RepairSettings.defaults(),
        CompactionSettings.defaults());
  }

  void stop(int number) throws IOException, InterruptedException {
    Running gone = running.remove(number);
    gone.master().stop();
    gone.store().close();
    gone.directory().close();
  }

  ReplicatedMaster master(int number) {
    return running.get(number).master();
  }

  HostPort address(int number) {
    return peers.get(number).control();
  }

  Map<Integer, Throwable> failures() {
    return failures;
  }

  /** The number of the one that leads, once one does. */
  int leader() {
    int[] found = {-1};
    await(
        "a master leads",
        () -> {
          for (Map.Entry<Integer, Running> each : running.entrySet()) {
            if (each.getValue().master().leads()) {
              found[0] = each.getKey();
            }
          }
          return found[0] >= 0;
        });
    return found[0];
  }

  /** Returns when the condition holds; fails with the sentence when it does not in time. */
  void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + DEADLINE_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not in time: " + what + "; failures: " + failures);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  @Override
  public void close() throws IOException {
    try {
      for (int number : List.copyOf(running.keySet())) {
        stop(number);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
