package dev.cairn.master;

import dev.cairn.master.fleet.BadReplicas;
import dev.cairn.master.fleet.ChunkLocations;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.fleet.Garbage;
import dev.cairn.master.fleet.Placement;
import dev.cairn.master.fleet.Replicas;
import dev.cairn.master.log.ForceGroup;
import dev.cairn.master.log.RecordLog;
import dev.cairn.master.log.StoreLog;
import dev.cairn.master.log.Writer;
import dev.cairn.master.query.ClusterFacts;
import dev.cairn.master.query.ClusterQueries;
import dev.cairn.master.query.ContentQueries;
import dev.cairn.master.query.NamespaceQueries;
import dev.cairn.master.query.XattrQueries;
import dev.cairn.master.service.BadReplicaReports;
import dev.cairn.master.service.ChunkReports;
import dev.cairn.master.service.ChunkServerAdapter;
import dev.cairn.master.service.ClusterAdapter;
import dev.cairn.master.service.FileAdapter;
import dev.cairn.master.service.NamespaceAdapter;
import dev.cairn.master.service.Requests;
import dev.cairn.master.service.SessionAdapter;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Store;
import dev.cairn.master.time.Time;
import dev.cairn.master.upkeep.Orphans;
import dev.cairn.master.upkeep.Reaper;
import dev.cairn.master.upkeep.Upkeep;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.control.ControlPlane;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** A running master: everything wired together over a store. */
public final class Master {

  private static final int POOL_THREADS = 2;

  private final Writer writer;
  private final ForceGroup force;
  private final Upkeep upkeep;
  private final ExecutorService pool;
  private final Server server;
  private final HostPort address;

  private Master(
      Writer writer,
      ForceGroup force,
      Upkeep upkeep,
      ExecutorService pool,
      Server server,
      HostPort address) {
    this.writer = writer;
    this.force = force;
    this.upkeep = upkeep;
    this.pool = pool;
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
    RecordLog log = new StoreLog(store);
    String clusterId = Founding.found(store, log, newClusterId, time.now());
    MetadataView latest = new MetadataView(store);
    long ticks = time.ticks();
    LiveSessions sessions = new LiveSessions(latest, settings.sessionTimeToLive(), ticks);
    Fleet fleet = new Fleet(latest, settings.deadAfter(), ticks);
    ChunkLocations locations = new ChunkLocations();
    BadReplicas bad = new BadReplicas(latest);
    Replicas replicas = new Replicas(fleet, locations, bad);
    Orphans orphans = new Orphans(latest, sessions);

    AtomicReference<Reaper> reaper = new AtomicReference<>();
    MemoryFollower follower =
        new MemoryFollower(
            sessions, orphans, locations, bad, time, () -> reaper.get().reapEndedSessions());
    Writer writer = new Writer(store, log, time, follower, fatal);
    reaper.set(new Reaper(writer, time, orphans));
    ForceGroup force = new ForceGroup(log, writer, fatal);
    Upkeep upkeep = new Upkeep(writer, time, sessions, fleet, reaper.get());
    ExecutorService pool =
        Executors.newFixedThreadPool(POOL_THREADS, task -> new Thread(task, "master-pool"));

    long incarnation = random.nextLong() | 1;
    ClusterFacts facts =
        new ClusterFacts(clusterId, version(), settings.listen().toString(), incarnation, ticks);
    ClusterQueries cluster =
        new ClusterQueries(store, settings.defaults(), time, facts, fleet, replicas, bad, sessions);
    Requests requests = new Requests(writer, sessions, time);
    BadReplicaReports badReports = new BadReplicaReports(writer, fleet);
    List<BindableService> services =
        List.of(
            new SessionAdapter(writer, sessions, fleet, facts, time, settings.sessionTimeToLive()),
            new NamespaceAdapter(
                requests,
                sessions,
                new NamespaceQueries(store, settings.defaults()),
                new XattrQueries(store, settings.defaults(), fleet, replicas),
                cluster,
                pool,
                settings.defaults()),
            new FileAdapter(
                requests,
                sessions,
                new ContentQueries(store, settings.defaults(), replicas),
                fleet,
                locations,
                new Placement(random),
                badReports,
                force,
                time,
                pool,
                settings.defaults()),
            new ChunkServerAdapter(
                writer,
                fleet,
                locations,
                bad,
                badReports,
                new Garbage(locations, settings.garbageHold()),
                new ChunkReports(latest, locations, sessions, fleet, writer),
                facts,
                latest,
                time,
                pool),
            new ClusterAdapter(cluster, pool));

    writer.start();
    force.start();
    upkeep.start();
    NettyServerBuilder builder =
        ControlPlane.server(settings.listen(), Runnable::run).directExecutor();
    services.forEach(builder::addService);
    Server server = builder.build().start();
    HostPort address = new HostPort(settings.listen().host(), server.getPort());
    return new Master(writer, force, upkeep, pool, server, address);
  }

  private static String version() {
    String version = Master.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** Where it listens. */
  public HostPort address() {
    return address;
  }

  /** Finishes what is under way, and stops. */
  public void stop() throws InterruptedException {
    ControlPlane.stop(server);
    upkeep.stop();
    writer.stop();
    force.stop();
    pool.shutdownNow();
  }
}
