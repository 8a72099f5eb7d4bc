package dev.cairn.chunkserver.store;

import dev.cairn.rpc.error.CairnException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The own-file chunks of one disk: where their files are, which are there, which are dirty. */
final class ChunkFiles {

  private static final Logger LOG = LoggerFactory.getLogger(ChunkFiles.class);
  private static final int DIRECTORIES = 256;

  private final Disk disk;
  private final IdleFiles idle;
  private final Path root;
  private final Path[] directories = new Path[DIRECTORIES];
  // Which of them are there; guarded by itself.
  private final boolean[] made = new boolean[DIRECTORIES];
  // Appended to since they were forced last, with their count of changes when last looked at.
  private final Map<ChunkFile, Integer> dirty = new ConcurrentHashMap<>();

  ChunkFiles(Disk disk, IdleFiles idle) throws IOException {
    this.disk = disk;
    this.idle = idle;
    root = disk.root().resolve("chunks");
    for (int i = 0; i < DIRECTORIES; i++) {
      directories[i] = root.resolve(String.format("%02x", i));
    }
    disk.storage().createDirectories(root);
    Set<String> names = new HashSet<>(disk.storage().list(root));
    for (int i = 0; i < DIRECTORIES; i++) {
      made[i] = names.contains(directories[i].getFileName().toString());
    }
  }

  /** Makes the directory of a new chunk if it is the first in it. */
  void makeDirectory(long chunkId) throws IOException {
    int i = (int) chunkId & (DIRECTORIES - 1);
    synchronized (made) {
      if (!made[i]) {
        disk.storage().createDirectories(directories[i]);
        disk.storage().forceDirectory(root);
        made[i] = true;
      }
    }
  }

  Path directory(long chunkId) {
    return directories[(int) chunkId & (DIRECTORIES - 1)];
  }

  Path dataFile(long chunkId) {
    return directory(chunkId).resolve(ChunkName.hex(chunkId) + ChunkFileOpening.DATA);
  }

  Path logFile(long chunkId) {
    return directory(chunkId).resolve(ChunkName.hex(chunkId) + ChunkFileOpening.SUMS);
  }

  void idle(ChunkFile chunk) {
    idle.add(chunk);
  }

  void dirty(ChunkFile chunk) {
    dirty.putIfAbsent(chunk, chunk.isSealed() ? chunk.changes() : -1);
  }

  void delete(ChunkFile chunk) throws CairnException {
    forget(chunk);
    chunk.delete();
  }

  void quarantine(ChunkFile chunk) throws CairnException {
    forget(chunk);
    chunk.quarantine();
  }

  private void forget(ChunkFile chunk) {
    dirty.remove(chunk);
    idle.remove(chunk);
  }

  /**
   * Forces the sealed chunks that are dirty, and those that nothing was appended to since the last
   * time.
   */
  void syncDirty(boolean all) throws CairnException {
    for (Iterator<Map.Entry<ChunkFile, Integer>> entries = dirty.entrySet().iterator();
        entries.hasNext(); ) {
      Map.Entry<ChunkFile, Integer> entry = entries.next();
      ChunkFile chunk = entry.getKey();
      compactLog(chunk);
      int changes = chunk.changes();
      if (!all && !chunk.isSealed() && entry.getValue() != changes) {
        entry.setValue(changes);
        continue;
      }
      // Removed first: an append from here on makes it dirty again.
      entries.remove();
      try {
        chunk.sync();
        chunk.markForced();
      } catch (CairnException e) {
        if (disk.isDead()) {
          throw e;
        }
        LOG.debug("{} was not forced", chunk.id(), e);
      }
    }
  }

  private void compactLog(ChunkFile chunk) throws CairnException {
    try {
      chunk.compactLog();
    } catch (CairnException e) {
      if (disk.isDead()) {
        throw e;
      }
      LOG.debug("the checksum log of {} stays long", chunk.id(), e);
    }
  }

  /** Finds what is on the disk, checking what may not have reached it. */
  void scan(Consumer<ChunkFile> found) throws IOException {
    ChunkFileOpening opening = new ChunkFileOpening(disk, this);
    for (int i = 0; i < DIRECTORIES; i++) {
      if (made[i]) {
        opening.scan(directories[i], found);
      }
    }
  }
}
