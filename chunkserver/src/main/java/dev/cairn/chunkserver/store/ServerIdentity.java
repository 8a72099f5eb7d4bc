package dev.cairn.chunkserver.store;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whose data directories these are: the same server's, of the same cluster, in all of them. Made
 * when a server starts on empty directories; a directory added later takes it over.
 */
public final class ServerIdentity {

  private static final String FILE = "identity";
  private static final String FORMAT = "1";
  private static final int MAX_BYTES = 4096;

  private final Storage storage;
  private final List<Path> roots;
  private final String serverUuid;
  private String clusterId;

  private ServerIdentity(Storage storage, List<Path> roots, String serverUuid, String clusterId) {
    this.storage = storage;
    this.roots = roots;
    this.serverUuid = serverUuid;
    this.clusterId = clusterId;
  }

  /**
   * Reads the directories' identity, and writes it where there is none yet.
   *
   * @param freshUuid the server's id if no directory has one
   * @param dead takes the directories in which that is not possible
   * @throws CairnException when the only ones that could say whose they are may be dead
   */
  static ServerIdentity open(Storage storage, List<Path> roots, String freshUuid, DeadDisks dead)
      throws CairnException {
    String uuid = "";
    String cluster = "";
    for (Path root : dead.others(roots)) {
      Map<String, String> entries = Map.of();
      try {
        entries = read(storage, root);
      } catch (CairnException e) {
        throw e;
      } catch (IOException e) {
        dead.add(root, root.resolve(FILE) + " cannot be read: " + Disk.reason(e));
      }
      uuid = agreed(uuid, entries.getOrDefault("server-uuid", ""), root, "chunk server");
      cluster = agreed(cluster, entries.getOrDefault("cluster-id", ""), root, "cluster");
    }
    if (uuid.isEmpty() && !dead.isEmpty()) {
      throw dead.tooMany("no data directory that can be used says whose it is");
    }
    uuid = uuid.isEmpty() ? freshUuid : uuid;
    for (Path root : dead.others(roots)) {
      try {
        new ServerIdentity(storage, List.of(root), uuid, cluster).write();
      } catch (IOException e) {
        dead.add(root, root.resolve(FILE) + " cannot be written: " + Disk.reason(e));
      }
    }
    return new ServerIdentity(storage, dead.others(roots), uuid, cluster);
  }

  private static String agreed(String known, String found, Path root, String owner)
      throws CairnException {
    if (!known.isEmpty() && !found.isEmpty() && !known.equals(found)) {
      throw ErrorCode.INVALID.because(
          root + " belongs to another " + owner + " than the directories before it");
    }
    return found.isEmpty() ? known : found;
  }

  public String serverUuid() {
    return serverUuid;
  }

  /** Empty for a server that never was in a cluster. */
  public synchronized String clusterId() {
    return clusterId;
  }

  /**
   * Becomes a member of a cluster, for good.
   *
   * @throws CairnException {@code OTHER_CLUSTER} when the directories belong to another one
   */
  public synchronized void join(String cluster) throws IOException {
    if (clusterId.equals(cluster)) {
      return;
    }
    if (!clusterId.isEmpty()) {
      throw ErrorCode.OTHER_CLUSTER.because(
          roots.get(0)
              + " holds data of cluster "
              + clusterId
              + ", and the master is of cluster "
              + cluster);
    }
    clusterId = cluster;
    write();
  }

  private void write() throws IOException {
    String text =
        "format-version=%s%nserver-uuid=%s%ncluster-id=%s%n"
            .formatted(FORMAT, serverUuid, clusterId);
    for (Path root : roots) {
      Path fresh = root.resolve(FILE + ".new");
      try (Storage.OpenFile file = storage.open(fresh, Storage.Mode.CREATE)) {
        file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
        file.force();
      }
      storage.replace(root.resolve(FILE), fresh);
      storage.forceDirectory(root);
    }
  }

  private static Map<String, String> read(Storage storage, Path root) throws IOException {
    Map<String, String> entries = new HashMap<>();
    Path path = root.resolve(FILE);
    if (!storage.exists(path)) {
      return entries;
    }
    try (Storage.OpenFile file = storage.open(path, Storage.Mode.READ)) {
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), MAX_BYTES));
      file.read(bytes, 0);
      StandardCharsets.UTF_8
          .decode(bytes.flip())
          .toString()
          .lines()
          .forEach(
              line -> {
                int sign = line.indexOf('=');
                if (sign > 0) {
                  entries.put(line.substring(0, sign), line.substring(sign + 1).strip());
                }
              });
    }
    String format = entries.getOrDefault("format-version", "");
    if (!format.equals(FORMAT)) {
      throw ErrorCode.INVALID.because(
          path + " has format version '" + format + "', and this server reads " + FORMAT);
    }
    return entries;
  }
}
