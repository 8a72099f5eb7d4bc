package dev.cairn.client.local;

import dev.cairn.rpc.ChunkSize;
import dev.cairn.rpc.DurableFile;
import dev.cairn.rpc.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a local cluster is made of, kept in its {@code cluster.conf}: lines of {@code key = value}.
 *
 * @param chunkServerPorts of chunkserver-1, chunkserver-2, ...
 * @param mountPoint null when the cluster is not mounted
 * @param replicas the replication factor of new files
 * @param chunkSize the chunk size of new files, in bytes
 */
public record ClusterSettings(
    int masterPort, List<Integer> chunkServerPorts, Path mountPoint, int replicas, int chunkSize) {

  static final String HOST = "127.0.0.1";
  private static final String NOT_MOUNTED = "none";

  public ClusterSettings {
    chunkServerPorts = List.copyOf(chunkServerPorts);
    ChunkSize.checkedReplicas(replicas);
    ChunkSize.checked(chunkSize);
    if (masterPort < 1 || masterPort > 65535) {
      throw new IllegalArgumentException("port " + masterPort + " is not between 1 and 65535");
    }
  }

  public HostPort masterAddress() {
    return new HostPort(HOST, masterPort);
  }

  ClusterSettings withMasterPort(int port) {
    return new ClusterSettings(port, chunkServerPorts, mountPoint, replicas, chunkSize);
  }

  /**
   * @param number from 1 on
   */
  ClusterSettings withChunkServerPort(int number, int port) {
    List<Integer> ports = new ArrayList<>(chunkServerPorts);
    ports.set(number - 1, port);
    return new ClusterSettings(masterPort, ports, mountPoint, replicas, chunkSize);
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
    int masterPort = 0;
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
          case "master-port" -> masterPort = Integer.parseInt(value);
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
    return new ClusterSettings(masterPort, ports, mountPoint, replicas, chunkSize);
  }

  void write(ClusterDirectory directory) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("# What 'cairn up' starts here. Ports may be changed while nothing runs.");
    lines.add("master-port = " + masterPort);
    chunkServerPorts.forEach(port -> lines.add("chunkserver-port = " + port));
    lines.add("mount = " + (mountPoint == null ? NOT_MOUNTED : mountPoint));
    lines.add("replicas = " + replicas);
    lines.add("chunk-size = " + chunkSize);
    DurableFile.write(directory.settings(), String.join("\n", lines) + "\n");
  }
}
