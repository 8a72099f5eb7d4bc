package dev.cairn.client.local;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.backup.Backup;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ChunkServerStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Starts and stops the processes of a cluster on this machine. */
public final class LocalCluster {

  private static final Duration STOP_WITHIN = Duration.ofSeconds(20);
  private static final Duration UMOUNT_WITHIN = Duration.ofSeconds(20);
  private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long SAID_NANOS = TimeUnit.SECONDS.toNanos(15);
  private static final DateTimeFormatter BEFORE =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  public static final String MASTER = "master";
  private static final String MOUNT = "mount";

  private final ClusterDirectory directory;
  private ClusterSettings settings;
  private final Launcher launcher;

  /** What is asked of a started cluster before it counts as ready. */
  @FunctionalInterface
  public interface Probe {
    /**
     * The chunk servers the master knows.
     *
     * @throws CairnException when the master does not say
     */
    List<ChunkServerStatus> chunkServers(Masters masters) throws CairnException;
  }

  public LocalCluster(ClusterDirectory directory, ClusterSettings settings, Launcher launcher) {
    this.directory = directory;
    this.settings = settings;
    this.launcher = launcher;
  }

  /** As they are now: ports that were taken are replaced when the cluster is started. */
  public ClusterSettings settings() {
    return settings;
  }

  private Daemon daemon(String name) {
    return new Daemon(directory, name);
  }

  private List<Daemon> masters() {
    return settings.masterNames().stream().map(this::daemon).toList();
  }

  private Daemon mount() {
    return daemon(MOUNT);
  }

  private List<Daemon> chunkServers() {
    List<Daemon> servers = new ArrayList<>();
    for (int n = 1; n <= settings.chunkServerPorts().size(); n++) {
      servers.add(chunkServer(n));
    }
    return servers;
  }

  private Daemon chunkServer(int number) {
    return daemon("chunkserver-" + number);
  }

  private List<Daemon> all() {
    List<Daemon> all = new ArrayList<>(masters());
    all.addAll(chunkServers());
    if (settings.mountPoint() != null) {
      all.add(mount());
    }
    return all;
  }

  private List<String> allNames() {
    return all().stream().map(Daemon::name).toList();
  }

  /** The names of the processes that should run and do not. */
  public List<String> missing() throws IOException {
    List<String> names = new ArrayList<>();
    for (Daemon daemon : all()) {
      if (daemon.running().isEmpty()) {
        names.add(daemon.name());
      }
    }
    return names;
  }

  /** Whether a master runs. */
  public boolean isMasterRunning() throws IOException {
    for (Daemon master : masters()) {
      if (master.running().isPresent()) {
        return true;
      }
    }
    return false;
  }

  /** Whether the mount's process runs. */
  public boolean isMountRunning() throws IOException {
    return mount().running().isPresent();
  }

  /**
   * Starts what does not run, and returns its names when all of it works. If something does not,
   * what was started here is stopped again.
   *
   * @param lock of the directory
   */
  public List<String> start(ClusterDirectory.Lock lock, Probe probe, StartPolicy policy)
      throws IOException {
    lock.checkHeld();
    growFromOneMaster(policy);
    List<String> missing = missing();
    Thread atExit = new Thread(() -> terminate(missing), "stop-what-was-started");
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      startMasters(missing, policy);
      if (settings.hasSeveralMasters()) {
        awaitLeader(probe, policy);
      }
      startOthers(missing, policy);
      awaitChunkServers(probe, policy);
      return missing;
    } catch (IOException e) {
      throw undone(e, missing);
    } finally {
      Runtime.getRuntime().removeShutdownHook(atExit);
    }
  }

  private void startOthers(List<String> missing, StartPolicy policy) throws IOException {
    PendingStarts others = new PendingStarts(policy);
    int count = settings.chunkServerPorts().size();
    for (int n = 1; n <= count; n++) {
      int number = n;
      Daemon server = chunkServer(number);
      if (missing.contains(server.name())) {
        others.add(
            () -> server.start(launcher, chunkServerLine(number)),
            () -> settings.chunkServerAddress(number).port(),
            () -> replacePort(number, policy));
      }
    }
    if (missing.contains(MOUNT)) {
      others.add(this::startMount);
    }
    others.await();
  }

  /** Makes the only master the first of several: its directory gets the name of that one. */
  private void growFromOneMaster(StartPolicy policy) throws IOException {
    Path only = directory.data(MASTER);
    Path first = directory.data(settings.masterName(0));
    if (settings.hasSeveralMasters() && Files.exists(only) && Files.notExists(first)) {
      if (end(List.of(daemon(MASTER)), policy.saying()) > 0) {
        policy.saying().accept("the master is stopped, and started again as the first of several");
      }
      Files.move(only, first);
    }
  }

  /** Starts the masters together: of several, none leads before a majority runs. */
  private void startMasters(List<String> missing, StartPolicy policy) throws IOException {
    List<String> names = settings.masterNames();
    if (missing.stream().noneMatch(names::contains)) {
      return;
    }
    checkMasterData();
    boolean alone = missing.containsAll(allNames());
    PendingStarts starts = new PendingStarts(policy);
    for (int i = 0; i < names.size(); i++) {
      int place = i;
      if (missing.contains(names.get(place))) {
        starts.add(
            () -> daemon(names.get(place)).start(launcher, masterLine(place)),
            () -> settings.masters().get(place).control(),
            () -> replaceMasterPort(place, alone, policy));
      }
    }
    starts.await();
  }

  /**
   * Refuses to start a master without data where chunk servers have some: it would found a new,
   * empty cluster, which refuses them.
   */
  void checkMasterData() throws CairnException {
    List<Path> data = settings.masterNames().stream().map(directory::data).toList();
    boolean hadMaster =
        chunkServers().stream()
            .anyMatch(server -> Files.exists(directory.data(server.name()).resolve("identity")));
    if (hadMaster && data.stream().allMatch(one -> Files.notExists(one.resolve("FORMAT")))) {
      throw ErrorCode.IO.because(
          "the master's data is missing: "
              + data.get(0)
              + " has no FORMAT file, and the chunk servers beside it hold the data of a cluster;"
              + " restore it from a backup with 'cairn restore --dir', or start a new cluster with"
              + " another --dir");
    }
  }

  /**
   * Gives the master the names of a backup, while nothing of the cluster runs.
   *
   * @return where its directory is kept that it had before; null when it had none
   */
  public Path restoreMaster(ClusterDirectory.Lock lock, Backup backup, Instant now)
      throws IOException {
    lock.checkHeld();
    List<String> missing = missing();
    List<String> running = allNames().stream().filter(name -> !missing.contains(name)).toList();
    if (!running.isEmpty()) {
      throw ErrorCode.BUSY.because(
          "the cluster in %s runs (%s): run 'cairn down' first"
              .formatted(directory.root(), String.join(", ", running)));
    }
    backup.verify();
    Path aside = null;
    // Of several, the first one is restored, and the others get everything from it.
    for (String name : settings.masterNames()) {
      Path data = directory.data(name);
      if (Files.exists(data)) {
        Path kept = data.resolveSibling(data.getFileName() + ".before-" + BEFORE.format(now));
        Files.move(data, kept);
        aside = aside == null ? kept : aside;
      }
    }
    backup.restoreTo(directory.data(settings.masterName(0)));
    return aside;
  }

  private void replaceMasterPort(int place, boolean alone, StartPolicy policy) throws IOException {
    int taken = settings.masters().get(place).control();
    if (settings.hasSeveralMasters()) {
      throw ErrorCode.IO.because(
          "port "
              + taken
              + " of "
              + settings.masterName(place)
              + " is in use by another process, and the masters know each other by their ports:"
              + " end that process");
    }
    if (policy.masterPortFixed()) {
      throw ErrorCode.IO.because(
          "port " + taken + " is in use by another process: choose another with --port");
    }
    if (!alone) {
      throw ErrorCode.IO.because(
          "port "
              + taken
              + " of the master is in use by another process, and parts of the cluster that run"
              + " look for the master there: end that process, or run 'cairn down' first");
    }
    settle(settings.withMaster(place, new MasterPorts(ports().free(), 0)));
    policy
        .saying()
        .accept(
            "port "
                + taken
                + " is in use by another process: the master listens at "
                + settings.masterAddresses());
  }

  private void replacePort(int number, StartPolicy policy) throws IOException {
    int taken = settings.chunkServerAddress(number).port();
    settle(settings.withChunkServerPort(number, ports().free()));
    policy
        .saying()
        .accept(
            "port "
                + taken
                + " is in use by another process: chunkserver-"
                + number
                + " listens at "
                + settings.chunkServerAddress(number));
  }

  private Ports ports() {
    return new Ports(directory, settings.ports());
  }

  private void settle(ClusterSettings changed) throws IOException {
    settings = changed;
    changed.write(directory);
  }

  /** Stops what was started in vain, and says so with the reason. */
  private IOException undone(IOException why, List<String> started) throws IOException {
    List<Daemon> ours = new ArrayList<>();
    for (String name : started) {
      Daemon daemon = daemon(name);
      if (daemon.running().isPresent()) {
        ours.add(0, daemon);
      }
    }
    if (ours.isEmpty()) {
      return why;
    }
    int ended = end(ours, sentence -> {});
    if (started.contains(MOUNT) && settings.mountPoint() != null) {
      clear(settings.mountPoint());
    }
    String sentence =
        why.getMessage()
            + "; "
            + (ended == 1 ? "the process" : "the " + ended + " processes")
            + " started before that "
            + (ended == 1 ? "is" : "are")
            + " stopped again";
    return why instanceof DaemonFailedException failed
        ? new DaemonFailedException(sentence, failed.logEnd())
        : why instanceof CairnException own
            ? own.code().because(sentence, own)
            : new IOException(sentence, why);
  }

  /** Asks what was started to end: this process ends before all of it works. */
  private void terminate(List<String> started) {
    for (String name : started) {
      try {
        Optional<ProcessHandle> unused = daemon(name).terminate();
      } catch (IOException e) {
        System.err.println("cannot stop " + name + ": " + e.getMessage());
      }
    }
  }

  private List<String> masterLine(int place) {
    MasterPorts ports = settings.masters().get(place);
    List<String> line = new ArrayList<>();
    line.add(MASTER);
    line.addAll(List.of("--data", directory.data(settings.masterName(place)).toString()));
    line.addAll(List.of("--listen", ports.address().toString()));
    line.addAll(List.of("--replicas", Integer.toString(settings.replicas())));
    line.addAll(List.of("--chunk-size", Integer.toString(settings.chunkSize())));
    if (settings.hasSeveralMasters()) {
      line.addAll(List.of("--peers", peers()));
    }
    return line;
  }

  private String peers() {
    return settings.masters().stream().map(MasterPorts::peer).collect(Collectors.joining(","));
  }

  private List<String> chunkServerLine(int number) {
    return List.of(
        "chunkserver",
        "--master",
        settings.masterAddresses().toString(),
        "--data",
        directory.data("chunkserver-" + number).toString(),
        "--listen",
        settings.chunkServerAddress(number).toString());
  }

  private Daemon.Start startMount() throws IOException {
    Path at = settings.mountPoint();
    clear(at);
    Files.createDirectories(at);
    return mount()
        .start(
            launcher,
            List.of(
                MOUNT,
                "--foreground",
                "--master",
                settings.masterAddresses().toString(),
                at.toString()));
  }

  /** Takes away what a killed mount left: every access to it would fail. */
  private void clear(Path mountPoint) throws IOException {
    Optional<MountTable.Entry> there = MountTable.read().at(mountPoint);
    if (there.isEmpty()) {
      return;
    }
    if (!there.get().isCairn()) {
      throw ErrorCode.BUSY.because(
          mountPoint + " is a mount point of something else: " + there.get().source());
    }
    Process umount = launcher.foreground(List.of("umount", "--lazy", mountPoint.toString()));
    try {
      if (!umount.waitFor(UMOUNT_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        umount.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ErrorCode.INTERRUPTED.because("interrupted", e);
    }
    if (MountTable.read().at(mountPoint).isPresent()) {
      throw ErrorCode.BUSY.because(
          "what an earlier mount left at " + mountPoint + " cannot be unmounted");
    }
  }

  /** Waits until one of several masters leads: a mount that is started before gives up soon. */
  private void awaitLeader(Probe probe, StartPolicy policy) throws IOException {
    long begin = System.nanoTime();
    while (true) {
      try {
        List<ChunkServerStatus> unused = probe.chunkServers(settings.masterAddresses());
        return;
      } catch (CairnException e) {
        if (System.nanoTime() - begin >= policy.within().toNanos()) {
          throw e;
        }
        policy.saying().accept(e.getMessage());
        PendingStarts.pause();
      }
    }
  }

  /**
   * Waits until every chunk server lives and the master has its complete report of chunks; fails
   * with the names of those that have not got so far, or with why the master does not say.
   */
  void awaitChunkServers(Probe probe, StartPolicy policy) throws IOException {
    long begin = System.nanoTime();
    long checkedAt = begin;
    long saidAt = begin;
    while (true) {
      String waiting = waiting(probe);
      if (waiting.isEmpty()) {
        return;
      }
      long now = System.nanoTime();
      if (now - begin >= policy.within().toNanos()) {
        throw ErrorCode.TIMED_OUT.because(waiting);
      }
      if (now - checkedAt > CHECK_NANOS) {
        checkedAt = now;
        List<String> ended = missing();
        if (!ended.isEmpty()) {
          throw ErrorCode.IO.because(
              String.join(", ", ended) + " ended; the log is " + directory.log(ended.get(0)));
        }
      }
      if (now - saidAt > SAID_NANOS) {
        saidAt = now;
        policy.saying().accept(waiting);
      }
      PendingStarts.pause();
    }
  }

  /** What is not ready, in a sentence; empty when all is. */
  private String waiting(Probe probe) {
    List<ChunkServerStatus> known;
    try {
      known = probe.chunkServers(settings.masterAddresses());
    } catch (CairnException e) {
      return settings.hasSeveralMasters()
          ? e.getMessage()
          : "the master at %s does not answer: %s"
              .formatted(settings.masterAddresses(), e.getMessage());
    }
    List<String> unregistered = new ArrayList<>();
    List<String> reporting = new ArrayList<>();
    for (int n = 1; n <= settings.chunkServerPorts().size(); n++) {
      HostPort address = settings.chunkServerAddress(n);
      List<ChunkServerStatus> here =
          known.stream()
              .filter(
                  server ->
                      server.getAlive()
                          && address.equals(new HostPort(server.getHost(), server.getDataPort())))
              .toList();
      if (here.isEmpty()) {
        unregistered.add("chunkserver-" + n);
      } else if (here.stream().noneMatch(ChunkServerStatus::getReported)) {
        reporting.add("chunkserver-" + n);
      }
    }
    if (!unregistered.isEmpty()) {
      return String.join(", ", unregistered) + " not registered at the master yet";
    }
    return reporting.isEmpty()
        ? ""
        : String.join(", ", reporting) + " not done reporting chunks to the master yet";
  }

  /**
   * Unmounts, then stops the chunk servers, then the masters. Returns how many processes ended.
   *
   * @param saying is told when a process had to be killed
   */
  public int stop(Consumer<String> saying) throws IOException {
    directory.make();
    try (ClusterDirectory.Lock lock = directory.lock(saying)) {
      lock.checkHeld();
      int ended = end(List.of(mount()), saying);
      if (settings.mountPoint() != null) {
        clear(settings.mountPoint());
      }
      ended += end(chunkServers(), saying);
      return ended + end(masters(), saying);
    }
  }

  private static int end(List<Daemon> daemons, Consumer<String> saying) throws IOException {
    List<Optional<ProcessHandle>> processes = new ArrayList<>();
    for (Daemon daemon : daemons) {
      processes.add(daemon.terminate());
    }
    int ended = 0;
    for (int i = 0; i < daemons.size(); i++) {
      Daemon daemon = daemons.get(i);
      if (processes.get(i).isEmpty()) {
        daemon.forget();
        continue;
      }
      ended++;
      if (!daemon.awaitEnd(processes.get(i).get(), STOP_WITHIN)) {
        saying.accept(
            daemon.name() + " did not end within " + STOP_WITHIN.toSeconds() + " s and was killed");
      }
    }
    return ended;
  }
}
