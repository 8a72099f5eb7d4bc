package dev.cairn.chunkserver.store;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose data directories these are: the same server's, of the same cluster, in all of them. Made
 * when a server starts on empty directories; a directory added later takes it over.
 *
 * <p>Each directory knows all others of its server. So an empty directory where a known one is
 * missing is not taken for a new disk, unless the operator says so: most likely the disk is not
 * mounted, and the system's own would be filled in its place.
 */
public final class ServerIdentity {

  private static final Logger LOG = LoggerFactory.getLogger(ServerIdentity.class);

  private final Storage storage;
  private final String serverUuid;
  private String clusterId;
  // Of each directory in use its id, and of each id, also of missing ones, where it was seen last.
  private final Map<Path, String> ids;
  private final Map<String, String> known;

  private ServerIdentity(
      Storage storage,
      String serverUuid,
      String clusterId,
      Map<Path, String> ids,
      Map<String, String> known) {
    this.storage = storage;
    this.serverUuid = serverUuid;
    this.clusterId = clusterId;
    this.ids = ids;
    this.known = known;
  }

  /**
   * Reads the directories' identity, and writes it where there is none yet.
   *
   * @param freshUuid the server's id if no directory has one
   * @param dead takes the directories in which that is not possible, and those that are missing
   * @param acceptNew empty directories are new disks, whatever is missing, which is forgotten
   * @throws CairnException when the only ones that could say whose they are may be dead
   */
  static ServerIdentity open(
      Storage storage, List<Path> roots, String freshUuid, DeadDisks dead, boolean acceptNew)
      throws CairnException {
    String uuid = "";
    String cluster = "";
    Map<Path, String> ids = new LinkedHashMap<>();
    Map<String, String> known = new TreeMap<>();
    List<Path> fresh = new ArrayList<>();
    for (Path root : dead.others(roots)) {
      Map<String, String> entries = read(storage, root, dead);
      if (entries == null) {
        continue;
      }
      uuid = agreed(uuid, entries.getOrDefault("server-uuid", ""), root, "chunk server");
      cluster = agreed(cluster, entries.getOrDefault("cluster-id", ""), root, "cluster");
      if (entries.isEmpty()) {
        fresh.add(root);
      } else {
        ids.put(root, entries.getOrDefault(IdentityFile.THIS, newId()));
        entries.forEach((key, value) -> takeKnown(key, value, known));
      }
    }
    if (uuid.isEmpty() && !dead.isEmpty()) {
      throw dead.tooMany("no data directory that can be used says whose it is");
    }
    // Those that cannot be read are not missing: nobody knows which of them they are.
    int unread = roots.size() - dead.others(roots).size();
    lookForMissing(ids, known, fresh, unread, acceptNew, dead);
    for (Path root : fresh) {
      ids.put(root, newId());
    }
    ids.forEach((root, id) -> known.put(id, root.toString()));
    ServerIdentity identity =
        new ServerIdentity(storage, uuid.isEmpty() ? freshUuid : uuid, cluster, ids, known);
    for (Path root : List.copyOf(ids.keySet())) {
      try {
        identity.write(root);
      } catch (IOException e) {
        ids.remove(root);
        dead.add(root, root.resolve(IdentityFile.NAME) + " cannot be written: " + Disk.reason(e));
      }
    }
    return identity;
  }

  /** The entries of a directory; none when it has no identity, null when it is dead. */
  private static Map<String, String> read(Storage storage, Path root, DeadDisks dead)
      throws CairnException {
    try {
      Map<String, String> entries = new IdentityFile(storage, root).read();
      if (entries == null) {
        dead.add(
            root,
            root.resolve(IdentityFile.NAME) + " is damaged: copy that of another data directory");
      }
      return entries;
    } catch (CairnException e) {
      throw e;
    } catch (IOException e) {
      dead.add(root, root.resolve(IdentityFile.NAME) + " cannot be read: " + Disk.reason(e));
      return null;
    }
  }

  private static void takeKnown(String key, String value, Map<String, String> known) {
    if (key.startsWith(IdentityFile.DIRECTORY)) {
      known.put(key.substring(IdentityFile.DIRECTORY.length()), value);
    }
  }

  private static String newId() {
    return UUID.randomUUID().toString();
  }

  /** Says what is missing, and leaves out of the new directories those that may stand for it. */
  private static void lookForMissing(
      Map<Path, String> ids,
      Map<String, String> known,
      List<Path> fresh,
      int unread,
      boolean acceptNew,
      DeadDisks dead) {
    Map<String, String> missing = new TreeMap<>(known);
    missing.keySet().removeAll(ids.values());
    boolean some = missing.size() > unread;
    if (some && acceptNew) {
      LOG.warn("these data directories are forgotten: {}", String.join(", ", missing.values()));
      known.keySet().removeAll(missing.keySet());
    } else if (some) {
      String which = String.join(", ", missing.values());
      for (Path root : fresh) {
        dead.add(
            root,
            "it has no identity, and a data directory of this server is missing (last seen at "
                + which
                + "): if its disk is not mounted, mount it and restart the server; to take "
                + root
                + " as a new disk, start the server with --accept-new-disks");
      }
      List<String> named = fresh.stream().map(Path::toString).toList();
      for (String path : missing.values()) {
        if (!named.contains(path)) {
          dead.addMissing(
              path,
              "is missing: this server had a data directory there (--accept-new-disks forgets it)");
        }
      }
      fresh.clear();
    } else if (!ids.isEmpty()) {
      fresh.forEach(root -> LOG.info("{} is a new data directory of this server", root));
    }
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
          ids.keySet().iterator().next()
              + " holds data of cluster "
              + clusterId
              + ", and the master is of cluster "
              + cluster);
    }
    clusterId = cluster;
    write();
  }

  private void write() throws IOException {
    for (Path root : ids.keySet()) {
      write(root);
    }
  }

  private void write(Path root) throws IOException {
    new IdentityFile(storage, root).write(serverUuid, clusterId, ids.get(root), known);
  }
}
