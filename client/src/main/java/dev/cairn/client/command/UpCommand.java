package dev.cairn.client.command;

import dev.cairn.client.local.ClusterDirectory;
import dev.cairn.client.local.ClusterPlan;
import dev.cairn.client.local.ClusterSettings;
import dev.cairn.client.local.DaemonFailedException;
import dev.cairn.client.local.Launcher;
import dev.cairn.client.local.LocalCluster;
import dev.cairn.client.local.MountCheck;
import dev.cairn.client.local.StartPolicy;
import dev.cairn.client.path.Tree;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.ChunkSize;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.SizeInBytes;
import dev.cairn.rpc.TimeText;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.ChunkServerStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Starts a cluster on this machine. */
@Command(
    name = "up",
    description = {
      "Start a master or several, chunk servers and a mount on this machine.",
      "They run in the background. Of a cluster that runs already, what is missing is started; the"
          + " same ports and settings are used again."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn up                             mounted at mnt/ in its directory",
      "  cairn up --mount /mnt/cairn",
      "  cairn up --dir /srv/cairn --chunkservers 5 --replicas 3",
      "  cairn up --masters 3                 goes on while one of the masters is away",
      "  cairn up --chunk-size 1M --no-mount"
    })
final class UpCommand implements Callable<Integer> {

  /** For one question to a master that is starting; it is asked again. */
  private static final Duration PROBE_WITHIN = Duration.ofSeconds(5);

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description =
          "Where data, logs and pid files are. Without it: that of the last 'cairn up', at first"
              + " ~/.local/state/cairn/local.")
  private Path directory;

  @Option(
      names = "--masters",
      paramLabel = "N",
      description =
          "How many, 1 at first: 3 or 5 keep copies of all metadata, and go on when a minority of"
              + " them is lost.")
  private Integer masters;

  @Option(names = "--chunkservers", paramLabel = "N", description = "How many; 3 at first.")
  private Integer chunkServers;

  @Option(
      names = "--mount",
      paramLabel = "DIR",
      description = "Where to mount, made when it is not there; mnt/ in --dir at first.")
  private Path mountPoint;

  @Option(names = "--no-mount", description = "Do not mount.")
  private boolean noMount;

  @Option(names = "--port", paramLabel = "PORT", description = "The master's; a free one at first.")
  private Integer port;

  @Option(
      names = "--replicas",
      paramLabel = "N",
      description = "The replication factor of new files; 2 at first.")
  private Integer replicas;

  @Option(
      names = "--chunk-size",
      paramLabel = "SIZE",
      description = "The chunk size of new files, 2K to 1G; 64M at first.")
  private String chunkSize;

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      defaultValue = "10m",
      description =
          "How long processes that live may take until they work (default: ${DEFAULT-VALUE}). If"
              + " they take longer, what was started is stopped again.")
  private String wait;

  @Spec private CommandSpec spec;

  private final Surroundings around;

  UpCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() throws IOException {
    ClusterPlan plan =
        new ClusterPlan(
            masters,
            chunkServers,
            mountPoint,
            noMount,
            port,
            replicas == null ? null : ChunkSize.checkedReplicas(replicas),
            chunkSize == null ? null : ChunkSize.checked(SizeInBytes.parse(chunkSize)));
    checkPaths();
    ClusterDirectory place =
        new ClusterDirectory(directory == null ? around.lastCluster().orUsual() : directory);
    StartPolicy policy = new StartPolicy(port != null, TimeText.parse(wait), this::say);
    place.make();
    Launcher launcher = Launcher.ofThisProcess();
    try (ClusterDirectory.Lock lock = place.lock(this::say)) {
      ClusterSettings planned = plan.settle(place);
      if (planned.mountPoint() != null) {
        MountCheck.check(ThisProcess.isRoot());
      }
      LocalCluster cluster = new LocalCluster(place, planned, launcher);
      List<String> started = cluster.start(lock, this::chunkServers, policy);
      ClusterSettings settings = cluster.settings();
      checkFiles(settings.masterAddresses());
      around.lastCluster().write(place.root());
      say(place, settings, started);
      return CommandRunner.OK;
    } catch (DaemonFailedException e) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("cairn up: " + e.getMessage());
      e.logEnd().forEach(line -> err.println("  " + line));
      return CommandRunner.FAILED;
    }
  }

  /** Opens a session and looks at the root: what every command does that comes next. */
  private void checkFiles(Masters masters) throws IOException {
    try (Vfs vfs = around.clusters().files(masters)) {
      Tree tree = new Tree(vfs);
      tree.list(tree.resolve("/"), entry -> {});
    }
  }

  private void checkPaths() {
    if (directory != null && directory.toString().isEmpty()) {
      throw new IllegalArgumentException("--dir is empty: name a directory");
    }
    if (mountPoint != null && mountPoint.toString().isEmpty()) {
      throw new IllegalArgumentException("--mount is empty: name a directory");
    }
  }

  private void say(String sentence) {
    spec.commandLine().getErr().println("cairn up: " + sentence);
  }

  private List<ChunkServerStatus> chunkServers(Masters masters) throws CairnException {
    return around.clusters().within(PROBE_WITHIN).status(masters).getServersList();
  }

  private void say(ClusterDirectory place, ClusterSettings settings, List<String> started)
      throws IOException {
    Output out = around.out();
    int servers = settings.chunkServerPorts().size();
    out.line(
        started.isEmpty()
            ? "Everything runs already."
            : "Started " + String.join(", ", started) + ".");
    out.line(
        (settings.hasSeveralMasters() ? "masters " : "master ")
            + settings.masterAddresses()
            + (servers == 1 ? ", 1 chunk server" : ", " + servers + " chunk servers")
            + (settings.mountPoint() == null ? "" : ", mounted at " + settings.mountPoint()));
    out.line("Data, logs and pid files are in " + place.root() + ".");
    out.line("Try:");
    if (settings.mountPoint() != null) {
      out.line(
          "  cp -a /etc/skel " + settings.mountPoint() + "/ && ls -la " + settings.mountPoint());
    }
    out.line("  cairn put -r . /here && cairn ls -lh /here");
    out.line(
        "  cairn status          and 'cairn down' to stop; data stays for the next 'cairn up'");
    out.flush();
  }
}
