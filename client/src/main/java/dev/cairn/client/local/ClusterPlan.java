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
    Integer masters,
    Integer chunkServers,
    Path mountPoint,
    boolean noMount,
    Integer port,
    Integer replicas,
    Integer chunkSize) {

  private static final int USUAL_CHUNK_SERVERS = 3;
  private static final int MOST_CHUNK_SERVERS = 64;
  private static final int MOST_MASTERS = 7;

  public ClusterPlan {
    if (masters != null && (masters < 1 || masters > MOST_MASTERS || masters % 2 == 0)) {
      throw new IllegalArgumentException(
          "--masters is 1, 3, 5 or "
              + MOST_MASTERS
              + ": a majority of an even number is no smaller, and lets no more of them fail");
    }
    if (port != null && masters != null && masters > 1) {
      throw new IllegalArgumentException("--port is for one master: several choose their ports");
    }
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
      taken.addAll(before.ports());
    }
    Ports ports = new Ports(directory, taken);
    List<MasterPorts> masterPorts = masters(directory, before, ports);
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
        masterPorts,
        servers,
        noMount ? null : mount,
        orElse(replicas, before == null ? ChunkSize.DEFAULT_REPLICAS : before.replicas()),
        orElse(chunkSize, before == null ? ChunkSize.DEFAULT_BYTES : before.chunkSize()));
  }

  private List<MasterPorts> masters(ClusterDirectory directory, ClusterSettings before, Ports ports)
      throws IOException {
    int count = orElse(masters, before == null ? 1 : before.masters().size());
    if (count == 1 && (before == null || !before.hasSeveralMasters())) {
      return List.of(new MasterPorts(onlyPort(before, ports), 0));
    }
    if (port != null) {
      throw ErrorCode.INVALID.because("--port is for one master: several choose their ports");
    }
    List<MasterPorts> made = new ArrayList<>();
    if (before != null && before.hasSeveralMasters()) {
      if (count != before.masters().size()) {
        throw ErrorCode.INVALID.because(
            "the cluster in "
                + directory.root()
                + " has "
                + before.masters().size()
                + " masters, which 'cairn up' neither adds to nor takes away");
      }
      made.addAll(before.masters());
    } else if (before != null) {
      // The only one becomes the first of several, where it is known.
      made.add(new MasterPorts(before.masters().get(0).control(), ports.free()));
    }
    while (made.size() < count) {
      made.add(new MasterPorts(ports.free(), ports.free()));
    }
    return made;
  }

  private int onlyPort(ClusterSettings before, Ports ports) throws IOException {
    int known = before == null ? 0 : before.masters().get(0).control();
    int wanted = orElse(port, known);
    return wanted == 0 ? ports.free() : ports.taken(wanted);
  }

  private static void checkChange(
      ClusterDirectory directory, ClusterSettings before, ClusterSettings now) throws IOException {
    LocalCluster running = new LocalCluster(directory, before, null);
    boolean forMaster =
        before.masters().get(0).control() != now.masters().get(0).control()
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
