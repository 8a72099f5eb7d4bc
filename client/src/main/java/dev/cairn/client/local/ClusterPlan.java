package dev.cairn.client.local;

import dev.cairn.rpc.ChunkSize;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the user of {@code up} asked for; null for what was not said.
 *
 * @param noMount leave the mount out
 */
public record ClusterPlan(
    Integer chunkServers,
    Path mountPoint,
    boolean noMount,
    Integer port,
    Integer replicas,
    Integer chunkSize) {

  private static final int USUAL_CHUNK_SERVERS = 3;
  private static final int MOST_CHUNK_SERVERS = 64;

  public ClusterPlan {
    if (chunkServers != null && (chunkServers < 1 || chunkServers > MOST_CHUNK_SERVERS)) {
      throw new IllegalArgumentException(
          "--chunkservers is between 1 and " + MOST_CHUNK_SERVERS + " on one machine");
    }
    if (noMount && mountPoint != null) {
      throw new IllegalArgumentException("--mount and --no-mount exclude each other");
    }
  }

  /**
   * The settings of the cluster: those it has, with what was asked for changed, kept in its file.
   */
  public ClusterSettings settle(ClusterDirectory directory) throws IOException {
    directory.make();
    ClusterSettings before =
        Files.exists(directory.settings()) ? ClusterSettings.read(directory.root()) : null;
    ClusterSettings now = settings(directory, before);
    if (before != null && !now.equals(before)) {
      checkChange(directory, before, now);
    }
    now.write(directory);
    return now;
  }

  private ClusterSettings settings(ClusterDirectory directory, ClusterSettings before)
      throws IOException {
    Set<Integer> taken = new HashSet<>();
    List<Integer> servers = new ArrayList<>();
    if (before != null) {
      servers.addAll(before.chunkServerPorts());
      taken.addAll(servers);
      taken.add(before.masterPort());
    }
    Ports ports = new Ports(directory, taken);
    int masterPort = orElse(port, before == null ? 0 : before.masterPort());
    taken.add(masterPort);
    int master = masterPort == 0 ? ports.free() : masterPort;
    int wanted = orElse(chunkServers, before == null ? USUAL_CHUNK_SERVERS : servers.size());
    if (wanted < servers.size()) {
      throw ErrorCode.INVALID.because(
          "the cluster in "
              + directory.root()
              + " has "
              + servers.size()
              + " chunk servers, whose data 'cairn up' does not take away");
    }
    while (servers.size() < wanted) {
      servers.add(ports.free());
    }
    Path mount = before == null ? directory.usualMountPoint() : before.mountPoint();
    if (mountPoint != null) {
      mount = mountPoint.toAbsolutePath().normalize();
    }
    return new ClusterSettings(
        master,
        servers,
        noMount ? null : mount,
        orElse(replicas, before == null ? ChunkSize.DEFAULT_REPLICAS : before.replicas()),
        orElse(chunkSize, before == null ? ChunkSize.DEFAULT_BYTES : before.chunkSize()));
  }

  private static void checkChange(
      ClusterDirectory directory, ClusterSettings before, ClusterSettings now) throws IOException {
    LocalCluster running = new LocalCluster(directory, before, null);
    boolean forMaster =
        before.masterPort() != now.masterPort()
            || before.replicas() != now.replicas()
            || before.chunkSize() != now.chunkSize();
    if (forMaster && running.isMasterRunning()) {
      throw ErrorCode.BUSY.because(
          "the port, the replication factor and the chunk size of a running cluster are not"
              + " changed: run 'cairn down' first");
    }
    boolean elsewhere =
        before.mountPoint() != null && !before.mountPoint().equals(now.mountPoint());
    if (elsewhere && running.isMountRunning()) {
      throw ErrorCode.BUSY.because(
          "the cluster is mounted at " + before.mountPoint() + ": run 'cairn down' first");
    }
  }

  private static int orElse(Integer asked, int otherwise) {
    return asked == null ? otherwise : asked;
  }
}
