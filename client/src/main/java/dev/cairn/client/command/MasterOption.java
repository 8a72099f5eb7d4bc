package dev.cairn.client.command;

import dev.cairn.client.cluster.MasterGroup;
import dev.cairn.client.local.ClusterSettings;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.TimeText;
import dev.cairn.rpc.proto.GetStatusReply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Says which cluster a command talks to; a picocli mixin. */
final class MasterOption {

  /** The environment variable that says which cluster. */
  static final String VARIABLE = "CAIRN_MASTER";

  @Option(
      names = "--master",
      paramLabel = "HOST:PORT[,...]",
      description =
          "The cluster's master, or all its masters. Without it: $CAIRN_MASTER, else the cluster"
              + " 'cairn up' started last.")
  private String master;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "The directory of a cluster that 'cairn up' started on this machine.")
  private Path directory;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description =
          "How long to wait for the cluster since the last progress, like 90s or 10m, or 'forever'"
              + " (default: 30s).")
  private String timeout;

  private final Surroundings around;

  MasterOption(Surroundings around) {
    this.around = around;
  }

  /** The directory of a local cluster, where one was named. */
  Path directory() {
    return directory;
  }

  Masters masters() throws IOException {
    if (directory != null && master != null) {
      throw new IllegalArgumentException("--dir and --master exclude each other");
    }
    if (directory != null) {
      return ClusterSettings.read(directory).masterAddresses();
    }
    if (master != null) {
      return Masters.parse(master);
    }
    String variable = around.environment().get(VARIABLE);
    if (variable != null && !variable.isEmpty()) {
      return Masters.parse(variable);
    }
    Path last = around.lastCluster().read();
    if (last == null) {
      throw new IllegalArgumentException(
          "which cluster? Say --master HOST:PORT, set CAIRN_MASTER, or start one here with 'cairn"
              + " up'");
    }
    return ClusterSettings.read(last).masterAddresses();
  }

  /**
   * The names of the masters that {@code up} started, by their addresses; none when the cluster is
   * somewhere else.
   */
  Map<HostPort, String> names() throws IOException {
    Path place = directory == null ? around.lastCluster().read() : directory;
    if (place == null || !Files.exists(place)) {
      return Map.of();
    }
    ClusterSettings settings = ClusterSettings.read(place);
    List<HostPort> addresses = settings.masterAddresses().addresses();
    List<String> names = settings.masterNames();
    Map<HostPort, String> named = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      named.put(addresses.get(i), names.get(i));
    }
    return named;
  }

  /** Asks the masters about each other. */
  MastersReport mastersReport() throws IOException {
    try (MasterGroup group = clusters().masters(masters())) {
      return new MastersReport(group.ask(), names());
    }
  }

  /** Reaches clusters within the timeout that was given. */
  Surroundings.Clusters clusters() {
    return timeout == null
        ? around.clusters()
        : around.clusters().within(TimeText.parsePatience(timeout));
  }

  Vfs files() throws IOException {
    return clusters().files(masters());
  }

  GetStatusReply status() throws IOException {
    return clusters().status(masters());
  }
}
