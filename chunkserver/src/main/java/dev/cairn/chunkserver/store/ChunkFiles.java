package dev.cairn.chunkserver.store;

import dev.cairn.rpc.checksum.Blocks;
import dev.cairn.rpc.error.CairnException;
import java.io.IOException;
import java.nio.ByteBuffer;
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
  private static final String DATA = ".data";
  private static final String SUMS = ".sums";

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
    return directory(chunkId).resolve(ChunkName.hex(chunkId) + DATA);
  }

  Path logFile(long chunkId) {
    return directory(chunkId).resolve(ChunkName.hex(chunkId) + SUMS);
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

  /** Finds what is on the disk, checking what may not have reached it. */
  void scan(Consumer<ChunkFile> found) throws IOException {
    ByteBuffer scratch = ByteBuffer.allocateDirect(Blocks.SIZE);
    for (int i = 0; i < DIRECTORIES; i++) {
      if (!made[i]) {
        continue;
      }
      Path directory = directories[i];
      Set<String> names = new HashSet<>(disk.storage().list(directory));
      for (String name : names) {
        scan(directory, name, names, scratch, found);
      }
    }
  }

  private void scan(
      Path directory, String name, Set<String> names, ByteBuffer scratch, Consumer<ChunkFile> found)
      throws IOException {
    int dot = name.lastIndexOf('.');
    String tail = dot < 0 ? "" : name.substring(dot);
    long id = dot < 0 ? 0 : ChunkName.ofHex(name.substring(0, dot));
    if (id == 0 || !(tail.equals(DATA) || tail.equals(SUMS))) {
      return;
    }
    String other = name.substring(0, dot) + (tail.equals(DATA) ? SUMS : DATA);
    if (!names.contains(other) && isLeftover(directory.resolve(name), tail)) {
      LOG.info("{} has no {} beside it and is removed", directory.resolve(name), other);
      disk.storage().delete(directory.resolve(name));
    } else if (tail.equals(DATA)) {
      ChunkFile chunk = opened(id, scratch);
      if (chunk != null) {
        found.accept(chunk);
      }
    }
  }

  /** What a deletion or a creation that was cut short has left: no bytes of a chunk. */
  private boolean isLeftover(Path file, String tail) throws IOException {
    return tail.equals(SUMS) || disk.storage().size(file) == 0;
  }

  /** A chunk as it is; null when there is nothing of it. */
  private ChunkFile opened(long id, ByteBuffer scratch) throws CairnException {
    try {
      return looked(id, scratch);
    } catch (CairnException e) {
      disk.requireAlive();
      disk.condemn(id, e.getMessage());
      return damaged(id);
    } catch (IOException e) {
      disk.readFailedAtStart(id, dataFile(id), e);
      return damaged(id);
    }
  }

  /** A chunk that cannot be looked at: it is here, and takes no more bytes. */
  private ChunkFile damaged(long id) {
    long length = 0;
    try {
      length = disk.storage().size(dataFile(id));
    } catch (IOException e) {
      LOG.debug("{} has no size", dataFile(id), e);
    }
    return ChunkFile.existing(disk, this, id, length, true, false);
  }

  private ChunkFile looked(long id, ByteBuffer scratch) throws IOException {
    long size = disk.storage().size(dataFile(id));
    try (Storage.OpenFile log = disk.storage().open(logFile(id), Storage.Mode.READ)) {
      ChecksumLog tail = ChecksumLog.read(id, log, 2);
      if (size > 0 && tail.forcedLength() == size) {
        // Forced twice without an append in between never happens, so a seal is right before it.
        boolean sealed = tail.sealedLength() == size;
        return ChunkFile.existing(disk, this, id, size, sealed, false);
      }
      ChecksumLog entries = ChecksumLog.read(id, log, Integer.MAX_VALUE / ChecksumLog.ENTRY_BYTES);
      return checked(id, entries, scratch);
    }
  }

  /** Reads a chunk that may not be whole, and cuts it back to what is. */
  private ChunkFile checked(long id, ChecksumLog entries, ByteBuffer scratch) throws IOException {
    try (Storage.OpenFile data = disk.storage().open(dataFile(id), Storage.Mode.WRITE)) {
      long size = data.size();
      long matching = entries.matching(data, scratch);
      boolean sealed = entries.sealedLength() > 0 && entries.sealedLength() <= size;
      long whole = entries.onceSealedLength() <= size ? entries.onceSealedLength() : 0;
      long length = sealed ? entries.sealedLength() : Math.max(matching, whole);
      if (matching < length) {
        disk.badBlock(id, dataFile(id), matching / Blocks.SIZE);
      } else if (length < size || entries.onceSealedLength() > size) {
        LOG.warn("{} had {} bytes and is cut back to {}", dataFile(id), size, length);
      }
      if (length == 0) {
        disk.storage().delete(dataFile(id));
        disk.storage().delete(logFile(id));
        return null;
      }
      if (length < size || (!sealed && entries.sealedLength() >= 0)) {
        try {
          // The log first: entries without their data match nothing, data without entries neither.
          rewriteLog(id, entries.sums(length), length, sealed);
          data.truncate(length);
        } catch (IOException e) {
          throw disk.writeFailed(dataFile(id), e);
        }
      }
      ChunkFile chunk = ChunkFile.existing(disk, this, id, length, sealed, true);
      dirty(chunk);
      return chunk;
    }
  }

  /** Leaves in the log one entry per block, and nothing of what was cut off. */
  private void rewriteLog(long id, BlockSums sums, long length, boolean sealed) throws IOException {
    int count = Blocks.count(0, length);
    ByteBuffer entries = ByteBuffer.allocate((count + 1) * ChecksumLog.ENTRY_BYTES);
    for (int block = 0; block < count; block++) {
      if (sums.firstMissing(block, block + 1) < 0) {
        int bytes = BlockSums.bytesIn(block, length);
        ChecksumLog.putBlock(entries, id, block, bytes, sums.get(block));
      }
    }
    if (sealed) {
      ChecksumLog.putSealed(entries, id, length);
    }
    Path fresh = directory(id).resolve(ChunkName.hex(id) + ".new");
    try (Storage.OpenFile log = disk.storage().open(fresh, Storage.Mode.CREATE)) {
      log.write(entries.flip(), 0);
      log.force();
    }
    disk.storage().replace(logFile(id), fresh);
  }
}
