package dev.cairn.master;

import dev.cairn.master.backup.Backups;
import dev.cairn.master.log.RecordLog;
import dev.cairn.master.log.StoreLog;
import dev.cairn.master.metrics.MasterMetrics;
import dev.cairn.master.query.MasterGroup;
import dev.cairn.master.raft.CheckpointFetch;
import dev.cairn.master.raft.Introduction;
import dev.cairn.master.raft.MastersAdapter;
import dev.cairn.master.raft.Member;
import dev.cairn.master.raft.MemberId;
import dev.cairn.master.raft.Peer;
import dev.cairn.master.service.StandbyAdapter;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.EntryMigration;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.RocksStore;
import dev.cairn.master.store.Table;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.control.ControlServer;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.metrics.HttpEndpoint;
import io.grpc.BindableService;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running master that is one of several: it follows, or leads and reigns. Its port is open all
 * the time; what only a leader answers is behind a {@link Gate}.
 */
final class ReplicatedMaster
    implements Member.Role, Introduction.Outcome, MastersAdapter.Self, MasterGroup {

  private static final Logger LOG = LoggerFactory.getLogger(ReplicatedMaster.class);
  private static final long STOP_SECONDS = 20;

  private final MasterSettings settings;
  private final MemberId id;
  private final DataDirectory directory;
  private final RocksStore store;
  private final Time time;
  private final RandomGenerator random;
  private final String newClusterId;
  private final Consumer<Throwable> fatal;
  private final StandbyAdapter standby;
  private final Backups backups;
  private final Gate gate;
  private final MastersAdapter masters;
  private final Introduction introduction;
  private final ControlServer server;

  /** Ends reigns that are over, which may take a while. */
  private final ExecutorService ending =
      Executors.newSingleThreadExecutor(task -> new Thread(task, "master-ending"));

  private final int count;

  /** A cluster was founded, and the others are still to join. */
  private volatile boolean founding;

  private volatile Member member;
  private volatile String cluster;

  /** Guarded by this; null while this master does not lead. */
  private Reign reign;

  /** Guarded by this: where it serves metrics; empty while it does not. */
  private String http = "";

  private ReplicatedMaster(
      MasterSettings settings,
      List<Peer> peers,
      MemberId id,
      DataDirectory directory,
      RocksStore store,
      Time time,
      RandomGenerator random,
      String newClusterId,
      Consumer<Throwable> fatal)
      throws IOException {
    this.settings = settings;
    this.id = id;
    this.directory = directory;
    this.store = store;
    this.time = time;
    this.random = random;
    this.newClusterId = newClusterId;
    this.fatal = fatal;
    this.count = peers.size();
    this.cluster = Founding.clusterIn(store);
    this.standby = new StandbyAdapter(new MetadataView(store), this, time, random.nextLong() | 1);
    this.gate = new Gate(Services.DESCRIPTORS, this::leadsForSure, this::leader, List.of(standby));
    this.backups = new Backups(store, settings.data(), DataDirectory.FORMAT, time);
    this.masters = new MastersAdapter(id, peers, this, store, directory.checkpoints());
    this.introduction = new Introduction(id, peers, this);
    List<BindableService> services = new ArrayList<>(gate.services());
    services.add(masters);
    this.server = ControlServer.start(settings.listen(), () -> cluster, services);
  }

  /**
   * Starts to take part.
   *
   * @param peers all masters, this one among them
   * @param self which of them this is
   * @param store stays the caller's, to be closed after {@link #stop}
   * @param newClusterId the id the cluster gets if this master founds one
   * @param fatal ends the process
   */
  static ReplicatedMaster start(
      MasterSettings settings,
      List<Peer> peers,
      Peer self,
      DataDirectory directory,
      RocksStore store,
      Time time,
      RandomGenerator random,
      String newClusterId,
      Consumer<Throwable> fatal)
      throws IOException {
    MemberId id = MemberId.in(directory.raft(), self);
    ReplicatedMaster master =
        new ReplicatedMaster(
            settings, peers, id, directory, store, time, random, newClusterId, fatal);
    master.introduction.start();
    return master;
  }

  HostPort address() {
    return new HostPort(settings.listen().host(), server.port());
  }

  /** Has the endpoint tell of this master. */
  void monitoredBy(HttpEndpoint endpoint) {
    synchronized (this) {
      http = endpoint.url(settings.listen().host());
      if (reign != null) {
        reign.servesHttp(http);
      }
    }
    new Monitoring(new MasterMetrics(server, store), this::reigning, this::whyNotReady)
        .serve(endpoint);
  }

  private synchronized Optional<Reign> reigning() {
    return Optional.ofNullable(reign);
  }

  private String whyNotReady() {
    if (member == null) {
      return "it has not joined the other masters";
    }
    return leads() || !leader().isEmpty() ? "" : "it knows of no master that leads";
  }

  /** Whether it leads, and serves. */
  boolean leads() {
    return leadsForSure() && gate.isOpen();
  }

  private boolean leadsForSure() {
    Member now = member;
    return now != null && now.holdsLease() && isComplete(now);
  }

  /** Whether a new cluster has all its masters: what is answered before would be on one alone. */
  private boolean isComplete(Member now) {
    if (founding && now.addresses().size() >= count) {
      founding = false;
    }
    return !founding;
  }

  private String leader() {
    Member now = member;
    return now == null ? "" : now.leader();
  }

  @Override
  public Member member() {
    return member;
  }

  @Override
  public String cluster() {
    return cluster;
  }

  @Override
  public List<String> settings() {
    return settings.deciding();
  }

  @Override
  public List<String> addresses() {
    return member.addresses();
  }

  @Override
  public long term() {
    Member now = member;
    return now == null ? 0 : now.term();
  }

  @Override
  public boolean wasMember() {
    return !cluster.isEmpty() && Member.hasLog(directory.raft(), cluster);
  }

  @Override
  public Member found() throws IOException {
    StoreLog log = new StoreLog(store);
    EntryMigration.run(store);
    founding = cluster.isEmpty();
    cluster =
        Founding.found(
            store, log, newClusterId, Founder.ofThisProcess(settings.data()), time.now());
    directory.holds(cluster);
    Losses.record(store, log);
    Restoration.record(store, log, time.now());
    Serving.begins(store, log);
    // The tables may be of a group that was: the log of this one begins anew.
    Overlay mark = new Overlay(store);
    mark.delete(Table.META, Meta.APPLIED.key());
    store.write(mark);
    store.force();
    LOG.info("this master begins the group of masters of cluster {}", cluster);
    return take(Member.found(id, directory.raft(), cluster, store, this));
  }

  @Override
  public Member join(String joined) throws IOException {
    return take(Member.join(id, directory.raft(), joined, store, this));
  }

  private Member take(Member taken) {
    member = taken;
    return taken;
  }

  @Override
  public void refused(IOException why) {
    fatal.accept(why);
  }

  @Override
  public void failed(Throwable why) {
    fatal.accept(why);
  }

  @Override
  public synchronized void lead(long term, RecordLog log) {
    Reign next =
        Reign.over(cluster, settings, store, log, backups, time, random, id.address(), this, fatal);
    next.servesHttp(http);
    next.begin();
    standby.there().forEach(next::register);
    gate.open(next.services());
    next.listening();
    reign = next;
    LOG.info("the master {} leads in term {}", id.address(), term);
  }

  @Override
  public synchronized void follow() {
    Reign over = reign;
    if (over == null) {
      return;
    }
    reign = null;
    gate.shut();
    LOG.info("the master {} follows", id.address());
    over.depose(CairnException.notLeader(leader()));
    ending.execute(() -> end(over));
  }

  private static void end(Reign over) {
    try {
      over.end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public Path fetchTables(HostPort leader) throws IOException {
    Path whole = directory.nextTables();
    new CheckpointFetch(leader, member.cluster()).into(directory.fetchedTables(), whole);
    return whole;
  }

  @Override
  public void replaceTables(Path fetched) throws IOException {
    store.replace(fetched);
    cluster = Founding.clusterIn(store);
    directory.holds(cluster);
  }

  /** Stops to take part: from then on nothing reads the store. */
  void stop() throws InterruptedException {
    introduction.stop();
    server.stop();
    backups.stop();
    follow();
    ending.shutdown();
    if (!ending.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
      LOG.warn("what this master did as the leader does not end");
    }
    try {
      Member now = member;
      if (now != null) {
        now.close();
      }
      masters.close();
    } catch (IOException e) {
      LOG.warn("the log of several masters cannot be closed in order: {}", e.getMessage());
    }
  }
}
