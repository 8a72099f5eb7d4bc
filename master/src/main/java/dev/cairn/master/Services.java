package dev.cairn.master;

import dev.cairn.master.backup.BackupSchedule;
import dev.cairn.master.backup.Backups;
import dev.cairn.master.command.Chains;
import dev.cairn.master.compact.Compaction;
import dev.cairn.master.decide.Decision;
import dev.cairn.master.fleet.Placement;
import dev.cairn.master.fleet.Room;
import dev.cairn.master.fsck.Checks;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.BackgroundForce;
import dev.cairn.master.log.ForceGroup;
import dev.cairn.master.log.Writer;
import dev.cairn.master.query.ClusterFacts;
import dev.cairn.master.query.ClusterQueries;
import dev.cairn.master.query.ContentQueries;
import dev.cairn.master.query.LeaseQueries;
import dev.cairn.master.query.MasterGroup;
import dev.cairn.master.query.NamespaceQueries;
import dev.cairn.master.query.TrashQueries;
import dev.cairn.master.query.XattrQueries;
import dev.cairn.master.replica.Garbage;
import dev.cairn.master.service.BackupAdapter;
import dev.cairn.master.service.BadReplicaReports;
import dev.cairn.master.service.CheckAdapter;
import dev.cairn.master.service.ChunkReports;
import dev.cairn.master.service.ChunkServerAdapter;
import dev.cairn.master.service.ClusterAdapter;
import dev.cairn.master.service.FileAdapter;
import dev.cairn.master.service.LeaseAdapter;
import dev.cairn.master.service.LockAdapter;
import dev.cairn.master.service.NamespaceAdapter;
import dev.cairn.master.service.Requests;
import dev.cairn.master.service.SessionAdapter;
import dev.cairn.master.service.TrashAdapter;
import dev.cairn.master.session.SessionRoom;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Store;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.control.ClientAddress;
import dev.cairn.rpc.proto.BackupServiceGrpc;
import dev.cairn.rpc.proto.CheckServiceGrpc;
import dev.cairn.rpc.proto.ChunkServerServiceGrpc;
import dev.cairn.rpc.proto.ClusterServiceGrpc;
import dev.cairn.rpc.proto.FileServiceGrpc;
import dev.cairn.rpc.proto.LeaseServiceGrpc;
import dev.cairn.rpc.proto.LockServiceGrpc;
import dev.cairn.rpc.proto.NamespaceServiceGrpc;
import dev.cairn.rpc.proto.RegisterReply;
import dev.cairn.rpc.proto.RegisterRequest;
import dev.cairn.rpc.proto.SessionServiceGrpc;
import dev.cairn.rpc.proto.TrashServiceGrpc;
import io.grpc.BindableService;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** The services of a master, each given what it needs. */
final class Services {

  /** All services that a master has. */
  static final List<ServiceDescriptor> DESCRIPTORS =
      List.of(
          SessionServiceGrpc.getServiceDescriptor(),
          NamespaceServiceGrpc.getServiceDescriptor(),
          FileServiceGrpc.getServiceDescriptor(),
          LockServiceGrpc.getServiceDescriptor(),
          LeaseServiceGrpc.getServiceDescriptor(),
          ChunkServerServiceGrpc.getServiceDescriptor(),
          ClusterServiceGrpc.getServiceDescriptor(),
          TrashServiceGrpc.getServiceDescriptor(),
          CheckServiceGrpc.getServiceDescriptor(),
          BackupServiceGrpc.getServiceDescriptor());

  private final MasterSettings settings;
  private final Store store;
  private final Time time;
  private final Memory memory;
  private final ClusterFacts facts;
  private final Writer writer;
  private final ForceGroup force;
  private final Checks checks;
  private final Backups backups;
  private final BackupSchedule backupSchedule;
  private final Compaction compaction;
  private final Executor pool;
  private final Executor serverPool;
  private final Executor operatorThread;
  private final RandomGenerator random;
  private final MasterGroup group;
  private final ChunkServerAdapter chunkServers;
  private final ClusterQueries cluster;
  private final LeaseQueries leases;
  private final Requests requests;
  private final BadReplicaReports badReports;

  Services(
      MasterSettings settings,
      Store store,
      Time time,
      Memory memory,
      ClusterFacts facts,
      Writer writer,
      ForceGroup force,
      Checks checks,
      Backups backups,
      BackupSchedule backupSchedule,
      Compaction compaction,
      Executor pool,
      Executor serverPool,
      Executor operatorThread,
      RandomGenerator random,
      MasterGroup group) {
    this.settings = settings;
    this.store = store;
    this.time = time;
    this.memory = memory;
    this.facts = facts;
    this.writer = writer;
    this.force = force;
    this.checks = checks;
    this.backups = backups;
    this.backupSchedule = backupSchedule;
    this.compaction = compaction;
    this.pool = pool;
    this.serverPool = serverPool;
    this.operatorThread = operatorThread;
    this.random = random;
    this.group = group;
    this.requests = new Requests(writer, memory.sessions(), time);
    this.badReports = new BadReplicaReports(writer, memory.fleet(), memory.replicas());
    this.cluster =
        new ClusterQueries(
            store,
            settings.defaults(),
            time,
            facts,
            memory.fleet(),
            memory.refusedServers(),
            memory.replicas(),
            memory.repairs(),
            memory.sessions(),
            memory.leases(),
            backupSchedule,
            group);
    this.leases = new LeaseQueries(store, memory.leases(), time);
    this.chunkServers = chunkServer();
  }

  /** Registers a chunk server that was heard by this master while it followed. */
  void register(RegisterRequest server) {
    chunkServers.register(
        server,
        new StreamObserver<>() {
          @Override
          public void onNext(RegisterReply reply) {}

          @Override
          public void onError(Throwable refused) {}

          @Override
          public void onCompleted() {}
        });
  }

  ClusterQueries cluster() {
    return cluster;
  }

  List<BindableService> all() {
    return List.of(
        ClientAddress.seenBy(session()),
        namespace(),
        file(),
        lock(),
        lease(),
        chunkServers,
        new ClusterAdapter(writer, cluster, memory.repairs(), operatorThread),
        new TrashAdapter(writer, new TrashQueries(store), pool),
        new CheckAdapter(checks),
        new BackupAdapter(backups));
  }

  private SessionAdapter session() {
    return new SessionAdapter(
        writer,
        memory.sessions(),
        memory.leases(),
        new SessionRoom(memory.sessions(), memory.locks(), memory.leases()),
        memory.fleet(),
        facts,
        group,
        time,
        settings.sessions().timeToLive(),
        () -> random.nextLong() | 1);
  }

  private NamespaceAdapter namespace() {
    return new NamespaceAdapter(
        requests,
        memory.sessions(),
        new NamespaceQueries(store, settings.defaults()),
        new XattrQueries(store, settings.defaults(), memory.fleet(), memory.replicas(), leases),
        cluster,
        pool,
        settings.defaults());
  }

  private FileAdapter file() {
    return new FileAdapter(
        requests,
        memory.sessions(),
        memory.grants(),
        new ContentQueries(store, settings.defaults(), memory.replicas()),
        memory.replicas(),
        new Chains(
            memory.fleet(), memory.replicas(), new Placement(random), time, settings.defaults()),
        badReports,
        force,
        time,
        pool,
        settings.defaults());
  }

  private LockAdapter lock() {
    return new LockAdapter(
        requests,
        memory.sessions(),
        memory.locks(),
        memory.lockWaits(),
        new MetadataView(store),
        time,
        settings.defaults());
  }

  private LeaseAdapter lease() {
    return new LeaseAdapter(
        requests,
        writer,
        memory.sessions(),
        memory.leases(),
        leases,
        time,
        pool,
        settings.defaults());
  }

  private ChunkServerAdapter chunkServer() {
    MetadataView latest = new MetadataView(store);
    return new ChunkServerAdapter(
        writer,
        memory.fleet(),
        memory.refusedServers(),
        memory.replicas(),
        badReports,
        new Garbage(
            memory.replicas(),
            settings.garbageHold(),
            this::garbageNeededFrom,
            new BackgroundForce(this::whenOnDisk, time)),
        new ChunkReports(memory.replicas(), memory.sessions(), memory.fleet(), writer, time),
        memory.repairs(),
        compaction,
        facts,
        group,
        latest,
        time,
        serverPool);
  }

  /** Room for new bytes matters more than that a backup finds all of its chunks. */
  private long garbageNeededFrom() {
    return Room.missing(memory.fleet().capacity(), 0) > 0
        ? Long.MAX_VALUE
        : backupSchedule.garbageNeededFrom();
  }

  /** Runs the rest when all that could be read before is on disk. */
  private void whenOnDisk(Runnable rest) {
    // By way of the writer: it may be about to count what it has just written.
    writer.submit((view, now) -> Decision.replyOnly(true), Answer.of(() -> force.submit(rest)));
  }
}
