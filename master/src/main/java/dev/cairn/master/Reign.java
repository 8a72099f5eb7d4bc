package dev.cairn.master;

import dev.cairn.master.backup.BackupSchedule;
import dev.cairn.master.backup.Backups;
import dev.cairn.master.compact.Compaction;
import dev.cairn.master.fleet.Placement;
import dev.cairn.master.fsck.Checks;
import dev.cairn.master.log.ForceGroup;
import dev.cairn.master.log.RecordLog;
import dev.cairn.master.log.Writer;
import dev.cairn.master.metrics.ReignMetrics;
import dev.cairn.master.query.ClusterFacts;
import dev.cairn.master.query.MasterGroup;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.TableScan;
import dev.cairn.master.store.Store;
import dev.cairn.master.time.Time;
import dev.cairn.master.upkeep.HeapWatch;
import dev.cairn.master.upkeep.Reaper;
import dev.cairn.master.upkeep.TrashCollection;
import dev.cairn.master.upkeep.Upkeep;
import dev.cairn.rpc.Version;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.RegisterRequest;
import io.grpc.BindableService;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A master that decides: the writer, what is known in memory, the services and the timers. One
 * master alone reigns as long as its process runs; one of several from when it leads until it does
 * not, and each time begins with what the tables say.
 */
final class Reign {

  private static final int POOL_THREADS = 2;

  /** Of those on which nothing runs but what chunk servers say. */
  private static final int SERVER_THREADS = 2;

  /** Operators' questions beyond these are refused, so that they take little memory. */
  private static final int MOST_OPERATORS_WAITING = 64;

  private static final long STOP_SECONDS = 20;

  /** Prometheus gives a scrape ten seconds. */
  private static final long STATUS_SECONDS = 5;

  private static final Logger LOG = LoggerFactory.getLogger(Reign.class);

  private final Memory memory;
  private final Time time;
  private final Writer writer;
  private final ForceGroup force;
  private final Upkeep upkeep;
  private final Checks checks;
  private final BackupSchedule backupSchedule;
  private final Services services;
  private final List<ExecutorService> pools;
  private final ExecutorService operatorThread;
  private final ReignMetrics metrics;

  private Reign(
      Memory memory,
      Time time,
      Writer writer,
      ForceGroup force,
      Upkeep upkeep,
      Checks checks,
      BackupSchedule backupSchedule,
      Services services,
      List<ExecutorService> pools,
      ExecutorService operatorThread,
      ReignMetrics metrics) {
    this.memory = memory;
    this.time = time;
    this.writer = writer;
    this.force = force;
    this.upkeep = upkeep;
    this.checks = checks;
    this.backupSchedule = backupSchedule;
    this.services = services;
    this.pools = pools;
    this.operatorThread = operatorThread;
    this.metrics = metrics;
  }

  /**
   * Prepares to reign over a founded cluster.
   *
   * @param backups of this process; stopped by the caller
   * @param address where this master listens
   * @param group the masters there are
   * @param fatal ends the process: the state can no longer be trusted
   */
  static Reign over(
      String clusterId,
      MasterSettings settings,
      Store store,
      RecordLog log,
      Backups backups,
      Time time,
      RandomGenerator random,
      String address,
      MasterGroup group,
      Consumer<Throwable> fatal) {
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
        new ClusterFacts(clusterId, Version.number(), address, random.nextLong() | 1, time.ticks());
    Checks checks =
        new Checks(store, writer, memory.fleet(), memory.replicas(), settings.defaults());
    BackupSchedule backupSchedule = new BackupSchedule(backups, settings.backup(), clusterId, time);
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
            backups,
            backupSchedule,
            compaction,
            pool,
            serverPool,
            operatorThread,
            random,
            group);
    return new Reign(
        memory,
        time,
        writer,
        force,
        upkeep,
        checks,
        backupSchedule,
        services,
        List.of(pool, serverPool, operatorThread),
        operatorThread,
        new ReignMetrics(writer, force, memory.replicas(), memory.repairs(), compaction));
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

  /** Begins to take commands; the services may be asked from then on. */
  void begin() {
    writer.start();
    force.start();
  }

  List<BindableService> services() {
    return services.all();
  }

  /** Registers a chunk server in its place, until it does so itself. */
  void register(RegisterRequest server) {
    services.register(server);
  }

  /** What it has written and had done. */
  ReignMetrics metrics() {
    return metrics;
  }

  /** The master serves metrics at that URL; empty: it does not. */
  void servesHttp(String url) {
    services.cluster().servesHttp(url);
  }

  /** The state of the cluster, as operators get it; nothing when there is too much to do. */
  Optional<GetStatusReply> status() {
    Future<GetStatusReply> status;
    try {
      status = operatorThread.submit(services.cluster()::status);
    } catch (RejectedExecutionException e) {
      LOG.debug("the status is asked for by too many", e);
      return Optional.empty();
    }
    try {
      return Optional.of(status.get(STATUS_SECONDS, TimeUnit.SECONDS));
    } catch (TimeoutException e) {
      boolean unused = status.cancel(false);
      LOG.debug("the status took too long for a scrape", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the status could not be found out", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }

  /** Somebody can be heard from now on: silence counts. */
  void listening() {
    memory.fleet().listening(time.ticks());
    memory.sessions().listening(time.ticks());
    upkeep.start();
    backupSchedule.start();
  }

  /** Finishes what is under way, and ends: from then on nothing reads the store. */
  void end() throws InterruptedException {
    upkeep.stop();
    checks.stop();
    backupSchedule.stop();
    writer.stop();
    force.stop();
    // After the writer, whose answers go through the pool; before the store: what it runs reads it.
    pools.forEach(ExecutorService::shutdownNow);
    for (ExecutorService each : pools) {
      if (!each.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("calls under way do not end");
      }
    }
  }

  /** Refuses what is under way, as somebody else decides from now on; then {@link #end}. */
  void depose(CairnException why) {
    writer.depose(why);
    memory.lockWaits().refuseAll(why);
  }
}
