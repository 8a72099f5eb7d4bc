package dev.cairn.client.local;

import dev.cairn.rpc.ChunkSize;
import dev.cairn.rpc.DurableFile;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What a local cluster is made of, kept in its {@code cluster.conf}: lines of {@code key = value}.
 *
 * @param masters the ports of the only one, or of master-1, master-2, ...
 * @param chunkServerPorts of chunkserver-1, chunkserver-2, ...
 * @param mountPoint null when the cluster is not mounted
 * @param replicas the replication factor of new files
 * @param chunkSize the chunk size of new files, in bytes
 */
public record ClusterSettings(
    List<MasterPorts> masters,
    List<Integer> chunkServerPorts,
    Path mountPoint,
    int replicas,
    int chunkSize) {

  static final String HOST = "127.0.0.1";
  private static final String NOT_MOUNTED = "none";

  public ClusterSettings {
    masters = List.copyOf(masters);
    chunkServerPorts = List.copyOf(chunkServerPorts);
    ChunkSize.checkedReplicas(replicas);
    ChunkSize.checked(chunkSize);
    if (masters.isEmpty()) {
      throw new IllegalArgumentException("a cluster has at least one master");
    }
  }

  /** The addresses of all masters. */
  public Masters masterAddresses() {
    return new Masters(masters.stream().map(MasterPorts::address).toList());
  }

  public boolean hasSeveralMasters() {
    return masters.size() > 1;
  }

  /** The name of a master's process: {@code master}, or by its place {@code master-1}. */
  String masterName(int place) {
    return hasSeveralMasters() ? LocalCluster.MASTER + "-" + (place + 1) : LocalCluster.MASTER;
  }

  /** The names of the masters' processes, in the order of their addresses. */
  public List<String> masterNames() {
    return IntStream.range(0, masters.size()).mapToObj(this::masterName).toList();
  }

  ClusterSettings withMaster(int place, MasterPorts ports) {
    List<MasterPorts> changed = new ArrayList<>(masters);
    changed.set(place, ports);
    return new ClusterSettings(changed, chunkServerPorts, mountPoint, replicas, chunkSize);
  }

  /** The ports of all processes. */
  Set<Integer> ports() {
    Set<Integer> ports = new HashSet<>(chunkServerPorts);
    for (MasterPorts master : masters) {
      ports.add(master.control());
      ports.add(master.raft());
    }
    return ports;
  }

  /**
   * @param number from 1 on
   */
  ClusterSettings withChunkServerPort(int number, int port) {
    List<Integer> ports = new ArrayList<>(chunkServerPorts);
    ports.set(number - 1, port);
    return new ClusterSettings(masters, ports, mountPoint, replicas, chunkSize);
  }

  HostPort chunkServerAddress(int number) {
    return new HostPort(HOST, chunkServerPorts.get(number - 1));
  }

  /** The settings of the cluster in a directory. */
  public static ClusterSettings read(Path directory) throws IOException {
    Path file = new ClusterDirectory(directory).settings();
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      throw new IOException(
          "there is no cluster in "
              + directory
              + ": start one with 'cairn up --dir "
              + directory
              + "'",
          e);
    }
    List<MasterPorts> masters = new ArrayList<>();
    int replicas = ChunkSize.DEFAULT_REPLICAS;
    int chunkSize = ChunkSize.DEFAULT_BYTES;
    Path mountPoint = null;
    List<Integer> ports = new ArrayList<>();
    for (String line : lines) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] pair = line.split("=", 2);
      String key = pair[0].strip();
      String value = pair.length == 2 ? pair[1].strip() : "";
      try {
        switch (key) {
          case "master-port" -> masters.add(MasterPorts.parse(value));
          case "chunkserver-port" -> ports.add(Integer.parseInt(value));
          case "mount" -> mountPoint = value.equals(NOT_MOUNTED) ? null : Path.of(value);
          case "replicas" -> replicas = Integer.parseInt(value);
          case "chunk-size" -> chunkSize = Integer.parseInt(value);
          default -> throw new IOException(file + ": '" + key + "' is no setting");
        }
      } catch (NumberFormatException e) {
        throw new IOException(file + ": '" + value + "' is no number for " + key, e);
      }
    }
    return new ClusterSettings(masters, ports, mountPoint, replicas, chunkSize);
  }

  void write(ClusterDirectory directory) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(
        "# What 'cairn up' starts here. Ports may be changed while nothing runs,\n"
            + "# but for those of several masters, which know each other by them.");
    masters.forEach(master -> lines.add("master-port = " + master));
    chunkServerPorts.forEach(port -> lines.add("chunkserver-port = " + port));
    lines.add("mount = " + (mountPoint == null ? NOT_MOUNTED : mountPoint));
    lines.add("replicas = " + replicas);
    lines.add("chunk-size = " + chunkSize);
    DurableFile.write(directory.settings(), String.join("\n", lines) + "\n");
  }
}
