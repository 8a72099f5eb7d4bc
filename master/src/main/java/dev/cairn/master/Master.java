package dev.cairn.master;

import dev.cairn.master.compact.Compaction;
import dev.cairn.master.fleet.Placement;
import dev.cairn.master.fsck.Checks;
import dev.cairn.master.log.ForceGroup;
import dev.cairn.master.log.StoreLog;
import dev.cairn.master.log.Writer;
import dev.cairn.master.query.ClusterFacts;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.TableScan;
import dev.cairn.master.store.EntryMigration;
import dev.cairn.master.store.Store;
import dev.cairn.master.time.Time;
import dev.cairn.master.upkeep.HeapWatch;
import dev.cairn.master.upkeep.Reaper;
import dev.cairn.master.upkeep.TrashCollection;
import dev.cairn.master.upkeep.Upkeep;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Version;
import dev.cairn.rpc.control.ControlServer;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running master: everything wired together over a store. */
public final class Master {

  private static final int POOL_THREADS = 2;

  /** Of those on which nothing runs but what chunk servers say. */
  private static final int SERVER_THREADS = 2;

  /** Operators' questions beyond these are refused, so that they take little memory. */
  private static final int MOST_OPERATORS_WAITING = 64;

  private static final long STOP_SECONDS = 20;

  private static final Logger LOG = LoggerFactory.getLogger(Master.class);

  private final Store store;
  private final StoreLog log;
  private final Writer writer;
  private final ForceGroup force;
  private final Upkeep upkeep;
  private final Checks checks;
  private final ExecutorService pool;
  private final ExecutorService serverPool;
  private final ExecutorService operatorThread;
  private final ControlServer server;
  private final HostPort address;

  private Master(
      Store store,
      StoreLog log,
      Writer writer,
      ForceGroup force,
      Upkeep upkeep,
      Checks checks,
      ExecutorService pool,
      ExecutorService serverPool,
      ExecutorService operatorThread,
      ControlServer server,
      HostPort address) {
    this.store = store;
    this.log = log;
    this.writer = writer;
    this.force = force;
    this.upkeep = upkeep;
    this.checks = checks;
    this.pool = pool;
    this.serverPool = serverPool;
    this.operatorThread = operatorThread;
    this.server = server;
    this.address = address;
  }

  /**
   * Starts to serve.
   *
   * @param store stays the caller's, to be closed after {@link #stop}
   * @param newClusterId the id the cluster gets if the store is empty
   * @param fatal ends the process: the state can no longer be trusted
   */
  public static Master start(
      MasterSettings settings,
      Store store,
      Time time,
      RandomGenerator random,
      String newClusterId,
      Consumer<Throwable> fatal)
      throws IOException {
    EntryMigration.run(store);
    StoreLog log = new StoreLog(store);
    String clusterId =
        Founding.found(
            store, log, newClusterId, Founder.ofThisProcess(settings.data()), time.now());
    Losses.record(store, log);
    Serving.begins(store, log);
    Memory memory = Memory.of(settings, store, time, random);
    AtomicReference<Reaper> reaper = new AtomicReference<>();
    MemoryFollower follower =
        new MemoryFollower(memory, time, () -> reaper.get().reapEndedSessions());
    Writer writer = new Writer(store, log, time, follower, fatal);
    reaper.set(new Reaper(writer, time, memory.orphans()));
    ForceGroup force = new ForceGroup(log, writer, fatal);
    TrashCollection trash =
        new TrashCollection(
            writer,
            force,
            time,
            new MetadataView(store),
            memory.fleet(),
            memory.orphans(),
            settings.garbageHold(),
            settings.defaults().replicas());
    Compaction compaction =
        new Compaction(
            settings.compaction(),
            writer,
            memory.fleet(),
            memory.replicas(),
            memory.repairs(),
            new Placement(random),
            new MetadataView(store),
            new TableScan(store),
            time);
    Upkeep upkeep =
        new Upkeep(
            writer,
            time,
            memory.sessions(),
            memory.fleet(),
            reaper.get(),
            memory.lockWaits(),
            memory.leases(),
            trash,
            memory.repairs(),
            compaction,
            new HeapWatch(memory.replicas(), Runtime.getRuntime().maxMemory()));
    ExecutorService pool = threads(POOL_THREADS, "master-pool");
    ExecutorService serverPool = threads(SERVER_THREADS, "master-servers");
    ExecutorService operatorThread = operatorThread();
    ClusterFacts facts =
        new ClusterFacts(
            clusterId,
            Version.number(),
            settings.listen().toString(),
            random.nextLong() | 1,
            time.ticks());
    Checks checks =
        new Checks(store, writer, memory.fleet(), memory.replicas(), settings.defaults());
    Services services =
        new Services(
            settings,
            store,
            time,
            memory,
            facts,
            writer,
            force,
            checks,
            compaction,
            pool,
            serverPool,
            operatorThread,
            random);
    writer.start();
    force.start();
    ControlServer server = ControlServer.start(settings.listen(), clusterId, services.all());
    memory.fleet().listening(time.ticks());
    memory.sessions().listening(time.ticks());
    upkeep.start();
    HostPort address = new HostPort(settings.listen().host(), server.port());
    return new Master(
        store,
        log,
        writer,
        force,
        upkeep,
        checks,
        pool,
        serverPool,
        operatorThread,
        server,
        address);
  }

  private static ExecutorService threads(int count, String name) {
    return Executors.newFixedThreadPool(count, task -> new Thread(task, name));
  }

  /** Nothing runs on it but operators' questions, which are answered however many listings wait. */
  private static ExecutorService operatorThread() {
    return new ThreadPoolExecutor(
        1,
        1,
        0,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(MOST_OPERATORS_WAITING),
        task -> new Thread(task, "master-operators"));
  }

  /** Where it listens. */
  public HostPort address() {
    return address;
  }

  /** Finishes what is under way, and stops: from then on nothing reads the store. */
  public void stop() throws InterruptedException {
    server.stop();
    upkeep.stop();
    checks.stop();
    writer.stop();
    force.stop();
    // After the writer, whose answers go through the pool; before the store: what it runs reads it.
    List<ExecutorService> pools = List.of(pool, serverPool, operatorThread);
    pools.forEach(ExecutorService::shutdownNow);
    for (ExecutorService each : pools) {
      if (!each.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("calls under way do not end");
      }
    }
    try {
      Serving.ends(store, log);
    } catch (IOException e) {
      LOG.warn("the stop could not be recorded: the next start will skip some ids", e);
    }
  }
}
