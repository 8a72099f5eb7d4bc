package dev.cairn.fuse;

import dev.cairn.client.ClientSettings;
import dev.cairn.client.ClusterVfs;
import dev.cairn.client.buffer.DirectMemory;
import dev.cairn.client.leasefile.LeaseFiles;
import dev.cairn.client.local.HostName;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.TimeText;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.command.DaemonOptions;
import dev.cairn.rpc.command.VersionOption;
import dev.cairn.rpc.metrics.HttpEndpoint;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cairn mount}: connects with a cluster and serves a mount until it is unmounted. */
@Command(
    name = "cairn mount",
    mixinStandardHelpOptions = true,
    versionProvider = VersionOption.class,
    description = {
      "Mounts a cluster, and serves the mount until it is unmounted.",
      "It goes to the background once the mount works; not so with --foreground."
    },
    footer = {
      "",
      "Examples:",
      "  cairn mount --master 10.0.0.1:9420 /mnt/cairn",
      "  cairn mount 10.0.0.1:9420 /mnt/cairn -o ro,noexec",
      "  cairn mount --master 10.0.0.1:9420,10.0.0.2:9420,10.0.0.3:9420 /mnt/cairn",
      "",
      "A line of /etc/fstab:",
      "  cairn:10.0.0.1:9420  /mnt/cairn  fuse.cairn  _netdev,nofail  0  0"
    })
public final class MountCommand implements Callable<Integer> {

  private static final String SOURCE_PREFIX = "cairn:";
  private static final int DEFAULT_THREADS =
      Math.max(4, Math.min(16, 2 * Runtime.getRuntime().availableProcessors()));

  @Option(
      names = "--master",
      paramLabel = "HOST:PORT[,...]",
      defaultValue = "${env:CAIRN_MASTER}",
      description = "The master of the cluster, or all its masters; else what CAIRN_MASTER says.")
  private String master;

  @Option(
      names = "--binding",
      paramLabel = "NAME",
      description =
          "How to speak to the kernel: kernel (Linux), jnr-fuse (libfuse 2), or auto, the first"
              + " that works here.")
  private String binding;

  @Option(
      names = "-o",
      paramLabel = "OPTION",
      split = ",",
      description =
          "Options of mount(8), and master=, binding=, threads=, patience=, log=, http= and"
              + " no_allow_other.")
  private List<String> options = new ArrayList<>();

  @Option(names = "--read-only", description = "Refuse all changes.")
  private boolean readOnly;

  @Option(names = "--no-allow-other", description = "Let only the mounting user use the mount.")
  private boolean ownerOnly;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many threads take requests from the kernel.")
  private Integer threads;

  @Option(
      names = "--patience",
      paramLabel = "TIME",
      description =
          "How long operations wait for a master or chunk servers that are away, like 90s or 10m,"
              + " or 'forever' (default: 5m). Then they fail with EIO.")
  private String patience;

  @Option(
      names = "--log",
      paramLabel = "FILE",
      description = "Append what is logged to this file, in place of standard error.")
  private Path log;

  @Parameters(
      arity = "1..2",
      paramLabel = "[HOST:PORT[,...]] MOUNTPOINT",
      description = "Where to mount: an existing directory. The masters may stand before it.")
  private List<String> places;

  @Mixin private DaemonOptions daemon;

  @Option(
      names = "--foreground",
      description = "Do not go to the background: end when the mount does.")
  void stayInForeground(boolean stay) {
    // So this process always does; the launcher is what starts one in the background.
  }

  public static void main(String[] arguments) {
    System.exit(CommandRunner.run(new MountCommand(), arguments));
  }

  @Override
  public Integer call() throws Exception {
    MountOptions mountOptions = new MountOptions(options);
    Masters cluster = cluster(mountOptions);
    Path mountPoint = MountPoint.existing(mountPoint());
    Path logFile = logFile(mountOptions);
    MountPoint.refuseInside(mountPoint, daemon.files());
    if (logFile != null) {
      MountPoint.refuseInside(mountPoint, List.of(logFile));
    }
    PrintStream logged = logFile == null ? null : appendingTo(logFile);
    daemon.httpOtherwise(mountOptions.value("http", ""));
    Optional<HttpEndpoint> http = daemon.serveHttp("mount");
    Binding chosen = choice(mountOptions).choose();
    ClientSettings client = ClientSettings.forMount(patience(mountOptions));
    MountSettings settings =
        MountMemory.fitted(
            chosen, settings(mountOptions, cluster, mountPoint), client, DirectMemory.limitBytes());
    String url = http.map(endpoint -> endpoint.url(HostName.ofThisMachine())).orElse("");
    ClusterVfs files = ClusterVfs.connectServing(url, cluster, description(mountPoint), client);
    if (!settings.readOnly() && !settings.flags().contains("noatime")) {
      files.keepAccessTimes();
    }
    Vfs vfs = new LeaseFiles(files);
    ServedMount served = ServedMount.start(chosen, vfs, settings);
    http.ifPresent(
        endpoint -> {
          endpoint.add(new MountMetrics(served.operations()));
          endpoint.add(files.metrics());
          endpoint.readiness(() -> "");
        });
    daemon.ready(mountPoint.toString());
    if (logged != null) {
      System.setOut(logged);
      System.setErr(logged);
    }
    served.awaitEnd();
    return CommandRunner.OK;
  }

  private Path mountPoint() {
    String place = places.get(places.size() - 1);
    if (place.isEmpty()) {
      throw new IllegalArgumentException("the mount point is empty: name a directory");
    }
    return Path.of(place);
  }

  private Masters cluster(MountOptions mountOptions) {
    if (places.size() > 2) {
      throw new IllegalArgumentException(
          "one mount point too many: " + String.join(" ", places.subList(2, places.size())));
    }
    String address = places.size() == 2 ? places.get(0) : mountOptions.value("master", master);
    if (address == null || address.isEmpty()) {
      throw new IllegalArgumentException("say which cluster: --master HOST:PORT");
    }
    return Masters.parse(
        address.startsWith(SOURCE_PREFIX) ? address.substring(SOURCE_PREFIX.length()) : address);
  }

  private BindingChoice choice(MountOptions mountOptions) {
    String word = mountOptions.value("binding", BindingChoice.AUTO.toString());
    return BindingChoice.parse(binding != null ? binding : word);
  }

  private Path logFile(MountOptions mountOptions) {
    String option = mountOptions.value("log", "");
    return log != null || option.isEmpty() ? log : Path.of(option);
  }

  private Duration patience(MountOptions mountOptions) {
    String option = mountOptions.value("patience", "");
    if (patience == null && option.isEmpty()) {
      return ClientSettings.MOUNT_PATIENCE;
    }
    return TimeText.parsePatience(patience != null ? patience : option);
  }

  private MountSettings settings(MountOptions mountOptions, Masters cluster, Path mountPoint) {
    String count = mountOptions.value("threads", Integer.toString(DEFAULT_THREADS));
    return new MountSettings(
        mountPoint,
        SOURCE_PREFIX + cluster,
        !ownerOnly && !mountOptions.says("no_allow_other", "allow_other"),
        readOnly || mountOptions.says("ro", "rw"),
        threads != null ? threads : number(count),
        MountSettings.DEFAULT_CACHE_MILLIS,
        mountOptions.flags(),
        0);
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not a number of threads", e);
    }
  }

  /** What {@code cairn status} shows of this client. */
  private static String description(Path mountPoint) {
    return HostName.ofThisMachine() + " pid " + ProcessHandle.current().pid() + " at " + mountPoint;
  }

  private static PrintStream appendingTo(Path file) throws IOException {
    return new PrintStream(
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
        true,
        StandardCharsets.UTF_8);
  }
}
