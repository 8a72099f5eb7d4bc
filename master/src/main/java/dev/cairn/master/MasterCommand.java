package dev.cairn.master;

import dev.cairn.master.backup.BackupSettings;
import dev.cairn.master.compact.CompactionSettings;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.decide.TrashTime;
import dev.cairn.master.log.StoreLog;
import dev.cairn.master.raft.Peer;
import dev.cairn.master.repair.RepairSettings;
import dev.cairn.master.session.SessionSettings;
import dev.cairn.master.store.RocksStore;
import dev.cairn.master.store.StoreSettings;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.ChunkSize;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.SizeInBytes;
import dev.cairn.rpc.TimeText;
import dev.cairn.rpc.Version;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.command.DaemonOptions;
import dev.cairn.rpc.command.VersionOption;
import dev.cairn.rpc.metrics.HttpEndpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cairn master}: serves until it is told to stop. */
@Command(
    name = "cairn master",
    description = "Runs the master of a cluster: names, attributes, and where the chunks are.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionOption.class,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  cairn master --data /var/lib/cairn/master --listen 0.0.0.0:9420",
      "  cairn master --data ./master --listen 127.0.0.1:9420 --replicas 3 --chunk-size 16M",
      "  cairn master --data /var/lib/cairn/master --listen m1:9420 --peers m1:9420,m2:9420,m3:9420"
    })
public final class MasterCommand implements Callable<Integer> {

  private static final Logger log = LoggerFactory.getLogger(MasterCommand.class);

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "Where everything is kept; made when it is not there.")
  private Path data;

  @Option(
      names = "--listen",
      required = true,
      paramLabel = "HOST:PORT",
      description = "Where clients and chunk servers find the master; port 0 takes any.")
  private String listen;

  @Option(
      names = "--replicas",
      defaultValue = "" + ChunkSize.DEFAULT_REPLICAS,
      paramLabel = "N",
      description = "Replication factor where none is set (default: ${DEFAULT-VALUE}).")
  private int replicas;

  @Option(
      names = "--chunk-size",
      defaultValue = "64M",
      paramLabel = "SIZE",
      description = "Chunk size where none is set, 2K to 1G (default: ${DEFAULT-VALUE}).")
  private String chunkSize;

  @Option(
      names = "--dead-after",
      // Within 10 s of its end: silence is looked for twice a second, and begins at a heartbeat.
      defaultValue = "9",
      paramLabel = "SECONDS",
      description =
          "A chunk server is dead after such a silence, 1 to 3600 (default: ${DEFAULT-VALUE}).")
  private long deadAfter;

  @Option(
      names = "--session-ttl",
      // Locks are to be free 20 s after their client died; silence is looked for twice a second.
      defaultValue = "19",
      paramLabel = "SECONDS",
      description =
          "A client's session ends after such a silence, and with it its locks; 1 to 3600 (default:"
              + " ${DEFAULT-VALUE}).")
  private long sessionTimeToLive;

  @Option(
      names = "--grace",
      paramLabel = "SECONDS",
      description =
          "After a start of the master no session and no lease ends for so long: clients have that"
              + " time to come back; as long as a session lives, to 3600 (default: as long).")
  private Long grace;

  @Option(
      names = "--garbage-hold",
      defaultValue = "60",
      paramLabel = "SECONDS",
      description =
          "Chunks no file refers to are kept for so long before they are deleted"
              + " (default: ${DEFAULT-VALUE}).")
  private long garbageHold;

  @Option(
      names = "--trash",
      defaultValue = "24h",
      paramLabel = "TIME",
      description =
          "Deleted files are kept for so long where nothing else is set, like 90s, 10m, 24h; 0: not"
              + " at all (default: ${DEFAULT-VALUE}).")
  private String trash;

  @Option(
      names = "--repair-streams",
      defaultValue = "" + RepairSettings.DEFAULT_STREAMS,
      paramLabel = "N",
      description =
          "Copies of chunks that a chunk server makes at a time (default: ${DEFAULT-VALUE}).")
  private int repairStreams;

  @Option(
      names = "--repair-rate",
      defaultValue = "64M",
      paramLabel = "SIZE",
      description =
          "Bytes a second that a chunk server reads to make copies (default: ${DEFAULT-VALUE}).")
  private String repairRate;

  @Option(
      names = "--balance-rate",
      defaultValue = "16M",
      paramLabel = "SIZE",
      description =
          "Bytes a second that are moved in the whole cluster so that chunk servers are filled"
              + " alike and zones are used; 0: none (default: ${DEFAULT-VALUE}).")
  private String balanceRate;

  @Option(
      names = "--compact-after",
      defaultValue = "300",
      paramLabel = "SECONDS",
      description =
          "Files that have not changed for so long get new chunks where theirs are mostly dead, or"
              + " their extents many and short; 0: never (default: ${DEFAULT-VALUE}).")
  private long compactAfter;

  @Option(
      names = "--compact-dead",
      defaultValue = "" + CompactionSettings.DEFAULT_DEAD_PERCENT,
      paramLabel = "PERCENT",
      description =
          "How much of a chunk has to be dead for what is not to be written into a new one"
              + " (default: ${DEFAULT-VALUE}).")
  private int compactDead;

  @Option(
      names = "--compact-extents",
      defaultValue = "64K",
      paramLabel = "SIZE",
      description =
          "Extents shorter than this are made into longer ones; 0: none (default:"
              + " ${DEFAULT-VALUE}).")
  private String compactExtents;

  @Option(
      names = "--backup",
      paramLabel = "DIR",
      description =
          "Make backups of the metadata in this directory by itself, which should be on another"
              + " machine's disk: see 'cairn restore'.")
  private Path backup;

  @Option(
      names = "--backup-every",
      defaultValue = "1h",
      paramLabel = "TIME",
      description =
          "How far backups are apart, like 10m, 1h, 1d; chunks that the newest one may refer to are"
              + " not deleted (default: ${DEFAULT-VALUE}).")
  private String backupEvery;

  @Option(
      names = "--backup-keep",
      defaultValue = "24",
      paramLabel = "N",
      description = "How many backups are kept; the oldest go first (default: ${DEFAULT-VALUE}).")
  private int backupKeep;

  @Option(
      names = "--cache",
      paramLabel = "SIZE",
      description =
          "Memory for what was read from the tables, 8M or more (default: a sixteenth of the"
              + " machine's, 32M to 256M).")
  private String cache;

  @Option(
      names = "--reserve",
      paramLabel = "SIZE",
      description =
          "Room on the disk that is held so that files can be deleted when it is full; 0: none"
              + " (default: a sixteenth of the disk, at most 64M).")
  private String reserve;

  @Option(
      names = "--accept-lost-log",
      description =
          "When the log is damaged, goes on without the changes that cannot be read. Chunk servers"
              + " then delete nothing until 'cairn resume-deletions'.")
  private boolean acceptLostLog;

  @Option(
      names = "--peers",
      paramLabel = "HOST:PORT,...",
      description =
          "All masters of the cluster, this one among them, where there are several: three or five."
              + " HOST:PORT/RAFTPORT where the port of their log is not PORT + 10000.")
  private String peers;

  @Mixin private DaemonOptions daemon;

  public static void main(String[] arguments) {
    System.exit(CommandRunner.run(new MasterCommand(), arguments));
  }

  private MasterSettings settings() {
    return new MasterSettings(
        data,
        HostPort.parse(listen),
        new Defaults(
            ChunkSize.checked(SizeInBytes.parse(chunkSize)),
            replicas,
            (int) TrashTime.parse(trash).toSeconds()),
        Duration.ofSeconds(deadAfter),
        new SessionSettings(
            Duration.ofSeconds(sessionTimeToLive),
            Duration.ofSeconds(grace == null ? sessionTimeToLive : grace)),
        Duration.ofSeconds(garbageHold),
        new RepairSettings(
            repairStreams, SizeInBytes.parse(repairRate), SizeInBytes.parse(balanceRate)),
        new CompactionSettings(
            Duration.ofSeconds(compactAfter),
            compactDead,
            (int) Math.min(Integer.MAX_VALUE, SizeInBytes.parse(compactExtents))),
        backup == null
            ? null
            : new BackupSettings(backup, TimeText.parse(backupEvery), backupKeep));
  }

  private StoreSettings storeSettings() {
    long cacheBytes =
        cache == null ? StoreSettings.defaults().cacheBytes() : SizeInBytes.parse(cache);
    return new StoreSettings(
        cacheBytes, acceptLostLog, reserve == null ? 0 : SizeInBytes.parse(reserve));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    MasterSettings settings = settings();
    StoreSettings storeSettings = storeSettings();
    Optional<HttpEndpoint> http = daemon.serveHttp("master");
    CountDownLatch stopped = new CountDownLatch(1);
    CountDownLatch told = new CountDownLatch(1);
    if (peers != null && acceptLostLog) {
      throw new IllegalArgumentException(
          "--accept-lost-log is for one master: one of several starts on an empty directory"
              + " instead, and gets everything from the others");
    }
    List<Peer> masters = peers == null ? List.of() : Peer.parseAll(peers);
    Peer self = peers == null ? null : Peers.self(masters, settings.listen());
    try (DataDirectory directory = DataDirectory.open(settings.data());
        RocksStore store =
            RocksStore.open(
                directory.tables(),
                reserve == null
                    ? storeSettings.withDefaultReserve(settings.data())
                    : storeSettings)) {
      directory.holds(Founding.clusterIn(store));
      if (self == null) {
        directory.requireAlone();
        serveAlone(settings, directory, store, http, told, stopped);
      } else {
        serveWithOthers(settings, masters, self, directory, store, http, told, stopped);
      }
    } finally {
      stopped.countDown();
    }
    log.info("the master has stopped");
    return CommandRunner.OK;
  }

  private void serveAlone(
      MasterSettings settings,
      DataDirectory directory,
      RocksStore store,
      Optional<HttpEndpoint> http,
      CountDownLatch told,
      CountDownLatch stopped)
      throws IOException, InterruptedException {
    String clusterId =
        Founding.found(
            store,
            new StoreLog(store),
            UUID.randomUUID().toString(),
            Founder.ofThisProcess(settings.data()),
            Time.system().now());
    directory.holds(clusterId);
    Master master =
        Master.start(
            settings, store, Time.system(), new SecureRandom(), clusterId, MasterCommand::halt);
    http.ifPresent(master::monitoredBy);
    ready(settings, master.address(), told, stopped);
    http.ifPresent(HttpEndpoint::close);
    master.stop();
  }

  private void serveWithOthers(
      MasterSettings settings,
      List<Peer> masters,
      Peer self,
      DataDirectory directory,
      RocksStore store,
      Optional<HttpEndpoint> http,
      CountDownLatch told,
      CountDownLatch stopped)
      throws IOException, InterruptedException {
    ReplicatedMaster master =
        ReplicatedMaster.start(
            settings,
            masters,
            self,
            directory,
            store,
            Time.system(),
            new SecureRandom(),
            UUID.randomUUID().toString(),
            MasterCommand::halt);
    http.ifPresent(master::monitoredBy);
    ready(settings, master.address(), told, stopped);
    http.ifPresent(HttpEndpoint::close);
    master.stop();
  }

  /** Says that the master is there, and returns when it is told to stop. */
  private void ready(
      MasterSettings settings, HostPort address, CountDownLatch told, CountDownLatch stopped)
      throws IOException, InterruptedException {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> tellAndWait(told, stopped), "stop-master"));
    log.info(
        "the master, version {}, listens at {}, with data in {}",
        Version.number(),
        address,
        settings.data());
    daemon.ready(address.toString());
    told.await();
  }

  /** Has the main thread stop everything before the process ends. */
  private static void tellAndWait(CountDownLatch told, CountDownLatch stopped) {
    told.countDown();
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the process at once: better no master than one that goes on with a broken state. */
  private static void halt(Throwable why) {
    if (why instanceof IOException) {
      log.error("the master cannot go on, and stops here: {}", why.getMessage());
    } else {
      log.error("the master cannot go on, and stops here", why);
    }
    Runtime.getRuntime().halt(CommandRunner.FAILED);
  }
}
