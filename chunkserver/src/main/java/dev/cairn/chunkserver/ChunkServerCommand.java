package dev.cairn.chunkserver;

import dev.cairn.chunkserver.data.DataPortSettings;
import dev.cairn.chunkserver.scrub.ScrubSettings;
import dev.cairn.chunkserver.store.StoreSettings;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.SizeInBytes;
import dev.cairn.rpc.Version;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.command.DaemonOptions;
import dev.cairn.rpc.command.VersionOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cairn chunkserver}: keeps chunks on the disks of this machine until it is told to end. */
@Command(
    name = "cairn chunkserver",
    mixinStandardHelpOptions = true,
    versionProvider = VersionOption.class,
    sortOptions = false,
    description = "Keep chunks of a Cairn cluster on the disks of this machine.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn chunkserver --master 10.0.0.1:9420 --data /srv/cairn \\",
      "      --listen 0.0.0.0:9421",
      "  cairn chunkserver --master master:9420 --data /disk1,/disk2,/disk3 \\",
      "      --listen 0.0.0.0:9421 --advertise storage7.example.org --zone rack2",
    })
public final class ChunkServerCommand implements Callable<Integer> {

  private static final Logger LOG = LoggerFactory.getLogger(ChunkServerCommand.class);

  @Option(
      names = "--master",
      required = true,
      paramLabel = "HOST:PORT[,...]",
      description =
          "The master of the cluster, or all its masters. The server waits for them if they are"
              + " away.")
  private String master;

  @Option(
      names = "--data",
      required = true,
      split = ",",
      paramLabel = "DIR",
      description = "Where to keep chunks, one directory per disk; made if missing.")
  private List<Path> data;

  @Option(
      names = "--accept-new-disks",
      description =
          "Take directories of --data without an identity as new disks though others of this"
              + " server are missing, and forget those. Otherwise they are not used: the disk may"
              + " only not be mounted.")
  private boolean acceptNewDisks;

  @Option(
      names = "--listen",
      required = true,
      paramLabel = "HOST:PORT",
      description = "Where to listen for clients and other servers; port 0 takes a free one.")
  private String listen;

  @Option(
      names = "--advertise",
      defaultValue = "",
      paramLabel = "HOST",
      description = "The host others reach this server at, if it is not the one listened at.")
  private String advertise;

  @Option(
      names = "--zone",
      defaultValue = "",
      paramLabel = "NAME",
      description = "The rack or room of this server: replicas are kept in different ones.")
  private String zone;

  @Option(
      names = "--reserve",
      paramLabel = "SIZE",
      description =
          "What to leave free on each disk, like 10G; otherwise a hundredth of it, at most 1G.")
  private String reserve;

  @Option(
      names = "--quarantine-hold",
      defaultValue = "24",
      paramLabel = "HOURS",
      description =
          "Bad replicas, and such that no file is known for, are kept for so long before they are"
              + " deleted, unless room is needed (default: ${DEFAULT-VALUE}).")
  private int quarantineHold;

  @Option(
      names = "--scrub-period",
      defaultValue = "14",
      paramLabel = "DAYS",
      description = "Every chunk is read and checked in so many days (default: ${DEFAULT-VALUE}).")
  private int scrubPeriod;

  @Option(
      names = "--scrub-rate",
      defaultValue = "32M",
      paramLabel = "SIZE",
      description =
          "Bytes a second that checking may read, though it take longer (default:"
              + " ${DEFAULT-VALUE}).")
  private String scrubRate;

  @Mixin private DaemonOptions daemon;

  public static void main(String[] arguments) {
    System.exit(CommandRunner.run(new ChunkServerCommand(), arguments));
  }

  @Override
  public Integer call() throws Exception {
    ChunkServer server = ChunkServer.start(settings(), daemon.serveHttp("chunkserver"));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "stop"));
    LOG.info("chunk server, version {}, at {}", Version.number(), server.address());
    CompletableFuture.anyOf(server.joined(), server.refused()).get();
    if (!server.refused().isDone()) {
      daemon.ready(server.address().toString());
    }
    throw server.refused().get();
  }

  private ChunkServerSettings settings() {
    StoreSettings store =
        StoreSettings.of(data)
            .withQuarantineHold(Duration.ofHours(quarantineHold))
            .withNewDisks(acceptNewDisks);
    if (reserve != null) {
      store = store.withReserve(SizeInBytes.parse(reserve));
    }
    return new ChunkServerSettings(
        Masters.parse(master),
        store,
        HostPort.parse(listen),
        advertise,
        zone,
        DataPortSettings.defaults(),
        new ScrubSettings(Duration.ofDays(scrubPeriod), SizeInBytes.parse(scrubRate)));
  }

  private static void stop(ChunkServer server) {
    LOG.info("stopping");
    server.close();
    LOG.info("stopped");
  }
}
