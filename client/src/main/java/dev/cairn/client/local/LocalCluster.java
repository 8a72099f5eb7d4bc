package dev.cairn.client.local;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** Starts and stops the processes of a cluster on this machine. */
public final class LocalCluster {

  private static final Duration START_WITHIN = Duration.ofSeconds(60);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(20);
  private static final Duration UMOUNT_WITHIN = Duration.ofSeconds(20);
  private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  public static final String MASTER = "master";
  private static final String MOUNT = "mount";

  private final ClusterDirectory directory;
  private final ClusterSettings settings;
  private final Launcher launcher;

  /** What is asked of a started cluster before it counts as ready. */
  @FunctionalInterface
  public interface Probe {
    /**
     * How many chunk servers are alive.
     *
     * @throws CairnException when the master does not say
     */
    int aliveChunkServers(HostPort master) throws CairnException;
  }

  public LocalCluster(ClusterDirectory directory, ClusterSettings settings, Launcher launcher) {
    this.directory = directory;
    this.settings = settings;
    this.launcher = launcher;
  }

  private Daemon master() {
    return new Daemon(directory, MASTER);
  }

  private Daemon mount() {
    return new Daemon(directory, MOUNT);
  }

  private List<Daemon> chunkServers() {
    List<Daemon> servers = new ArrayList<>();
    for (int n = 1; n <= settings.chunkServerPorts().size(); n++) {
      servers.add(new Daemon(directory, "chunkserver-" + n));
    }
    return servers;
  }

  /** The names of the processes that should run and do not. */
  public List<String> missing() throws IOException {
    List<Daemon> all = new ArrayList<>(List.of(master()));
    all.addAll(chunkServers());
    if (settings.mountPoint() != null) {
      all.add(mount());
    }
    List<String> names = new ArrayList<>();
    for (Daemon daemon : all) {
      if (daemon.running().isEmpty()) {
        names.add(daemon.name());
      }
    }
    return names;
  }

  /** Whether the master runs. */
  public boolean isMasterRunning() throws IOException {
    return master().running().isPresent();
  }

  /** Whether the mount's process runs. */
  public boolean isMountRunning() throws IOException {
    return mount().running().isPresent();
  }

  /** Starts what does not run, and returns its names when all of it works. */
  public List<String> start(Probe probe) throws IOException {
    directory.make();
    try (ClusterDirectory.Lock lock = directory.lock()) {
      lock.checkHeld();
      List<String> missing = missing();
      if (missing.contains(MASTER)) {
        startMaster();
      }
      List<Daemon.Start> starts = new ArrayList<>();
      int number = 0;
      for (Daemon server : chunkServers()) {
        number++;
        if (missing.contains(server.name())) {
          starts.add(server.start(launcher, chunkServerLine(number)));
        }
      }
      if (missing.contains(MOUNT)) {
        starts.add(startMount());
      }
      await(starts);
      awaitChunkServers(probe, START_WITHIN);
      return missing;
    }
  }

  private void startMaster() throws IOException {
    if (!Ports.isFree(settings.masterPort())) {
      throw ErrorCode.IO.because(
          "port "
              + settings.masterPort()
              + " of the master is in use by another process: end that, or choose another with"
              + " --port");
    }
    await(
        new ArrayList<>(
            List.of(
                master()
                    .start(
                        launcher,
                        List.of(
                            MASTER,
                            "--data",
                            directory.data(MASTER).toString(),
                            "--listen",
                            settings.masterAddress().toString(),
                            "--replicas",
                            Integer.toString(settings.replicas()),
                            "--chunk-size",
                            Integer.toString(settings.chunkSize()))))));
  }

  private List<String> chunkServerLine(int number) {
    return List.of(
        "chunkserver",
        "--master",
        settings.masterAddress().toString(),
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
                settings.masterAddress().toString(),
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

  private static void await(List<Daemon.Start> starts) throws IOException {
    long deadline = System.nanoTime() + START_WITHIN.toNanos();
    while (!starts.isEmpty()) {
      for (Iterator<Daemon.Start> left = starts.iterator(); left.hasNext(); ) {
        if (left.next().isReady()) {
          left.remove();
        }
      }
      if (!starts.isEmpty()) {
        if (System.nanoTime() - deadline > 0) {
          throw starts.get(0).late(START_WITHIN);
        }
        pause();
      }
    }
  }

  /** Waits for all to be alive; fails with how many are, or with why the master does not say. */
  void awaitChunkServers(Probe probe, Duration within) throws IOException {
    long deadline = System.nanoTime() + within.toNanos();
    int wanted = settings.chunkServerPorts().size();
    while (true) {
      int alive = 0;
      CairnException unanswered = null;
      try {
        alive = probe.aliveChunkServers(settings.masterAddress());
      } catch (CairnException e) {
        unanswered = e;
      }
      if (alive >= wanted) {
        return;
      }
      if (System.nanoTime() - deadline > 0) {
        throw late(alive, wanted, unanswered);
      }
      pause();
    }
  }

  private CairnException late(int alive, int wanted, CairnException unanswered) {
    return unanswered == null
        ? ErrorCode.TIMED_OUT.because(
            alive + " of " + wanted + " chunk servers are registered at the master")
        : ErrorCode.TIMED_OUT.because(
            "the master at %s does not answer: %s"
                .formatted(settings.masterAddress(), unanswered.getMessage()),
            unanswered);
  }

  private static void pause() throws IOException {
    LockSupport.parkNanos(PERIOD_NANOS);
    if (Thread.interrupted()) {
      throw ErrorCode.INTERRUPTED.because("interrupted");
    }
  }

  /**
   * Unmounts, then stops the chunk servers, then the master. Returns how many processes ended.
   *
   * @param saying is told when a process had to be killed
   */
  public int stop(Consumer<String> saying) throws IOException {
    directory.make();
    try (ClusterDirectory.Lock lock = directory.lock()) {
      lock.checkHeld();
      int ended = end(List.of(mount()), saying);
      if (settings.mountPoint() != null) {
        clear(settings.mountPoint());
      }
      ended += end(chunkServers(), saying);
      return ended + end(List.of(master()), saying);
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
