package dev.cairn.master;

import dev.cairn.master.backup.Backups;
import dev.cairn.master.log.StoreLog;
import dev.cairn.master.metrics.MasterMetrics;
import dev.cairn.master.query.MasterGroup;
import dev.cairn.master.service.OneMasterAdapter;
import dev.cairn.master.store.EntryMigration;
import dev.cairn.master.store.Store;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.control.ControlServer;
import dev.cairn.rpc.metrics.HttpEndpoint;
import io.grpc.BindableService;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running master: everything wired together over a store. */
public final class Master {

  private static final Logger LOG = LoggerFactory.getLogger(Master.class);

  private final Store store;
  private final StoreLog log;
  private final Backups backups;
  private final Reign reign;
  private final ControlServer server;
  private final HostPort address;

  private Master(
      Store store,
      StoreLog log,
      Backups backups,
      Reign reign,
      ControlServer server,
      HostPort address) {
    this.store = store;
    this.log = log;
    this.backups = backups;
    this.reign = reign;
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
    Restoration.record(store, log, time.now());
    Serving.begins(store, log);
    Backups backups = new Backups(store, settings.data(), DataDirectory.FORMAT, time);
    Reign reign =
        Reign.over(
            clusterId,
            settings,
            store,
            log,
            backups,
            time,
            random,
            settings.listen().toString(),
            MasterGroup.ALONE,
            fatal);
    reign.begin();
    List<BindableService> services = new ArrayList<>(reign.services());
    services.add(new OneMasterAdapter(settings.listen().toString()));
    ControlServer server = ControlServer.start(settings.listen(), clusterId, services);
    reign.listening();
    HostPort address = new HostPort(settings.listen().host(), server.port());
    return new Master(store, log, backups, reign, server, address);
  }

  /** Where it listens. */
  public HostPort address() {
    return address;
  }

  /** Has the endpoint tell of this master. */
  public void monitoredBy(HttpEndpoint endpoint) {
    reign.servesHttp(endpoint.url(address.host()));
    new Monitoring(new MasterMetrics(server, store), () -> Optional.of(reign), () -> "")
        .serve(endpoint);
  }

  /** Finishes what is under way, and stops: from then on nothing reads the store. */
  public void stop() throws InterruptedException {
    server.stop();
    backups.stop();
    reign.end();
    try {
      Serving.ends(store, log);
    } catch (IOException e) {
      LOG.warn("the stop could not be recorded: the next start will skip some ids", e);
    }
  }
}
