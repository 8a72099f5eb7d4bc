package dev.cairn.chunkserver.store;

import dev.cairn.rpc.Check;
import dev.cairn.rpc.error.CairnException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The packs of one disk. The monitor is the right to append: it guards the current pack and the
 * staging buffer, in which a run of records is put together so that it costs one write.
 */
final class Packs {

  /** Hears where a part went, before anybody can look it up. */
  interface Placed {
    void placed(Part part, Pack pack, long location);
  }

  private static final Logger LOG = LoggerFactory.getLogger(Packs.class);
  private static final int STAGING_BYTES = 1 << 20;
  private static final long MIN_PACK_BYTES = 4L << 20;
  private static final long MAX_PACK_BYTES = 128L << 20;

  private final Disk disk;
  private final PackTable table;
  private final OpenPacks open;
  private final LongSupplier salts;
  private final Path directory;
  private final long packBytes;
  private final List<Pack> packs = new CopyOnWriteArrayList<>();
  private final Object burying = new Object();
  private ByteBuffer staging;
  private Pack current;
  private int nextNumber = 1;

  /**
   * @param packBytes when to begin another pack, or 0 to choose by the size of the disk
   */
  Packs(Disk disk, PackTable table, OpenPacks open, LongSupplier salts, long packBytes)
      throws IOException {
    this.disk = disk;
    this.table = table;
    this.open = open;
    this.salts = salts;
    this.directory = disk.root().resolve("packs");
    this.packBytes =
        packBytes > 0
            ? packBytes
            : Math.min(Math.max(disk.totalBytes() / 16, MIN_PACK_BYTES), MAX_PACK_BYTES);
    Check.that(this.packBytes <= MAX_PACK_BYTES, "packs of %s bytes", this.packBytes);
    disk.storage().createDirectories(directory);
    disk.storage().forceDirectory(disk.root());
  }

  Path directory() {
    return directory;
  }

  List<Pack> all() {
    return packs;
  }

  /** Writes parts that are whole small chunks, one record each; the bytes are theirs, in order. */
  synchronized void append(List<Part> parts, List<ByteBuffer> bytes, Placed placed)
      throws CairnException {
    Pack pack = packForAppend();
    if (staging == null) {
      staging = ByteBuffer.allocateDirect(STAGING_BYTES);
    }
    int first = 0;
    staging.clear();
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      if (staging.remaining() < PackFormat.headerBytes(part.length()) + part.length()) {
        flush(pack, parts.subList(first, i), placed);
        first = i;
      }
      PackFormat.putRecord(
          staging, pack.salt(), part.chunkId(), part.checksums(), bytes.get(i).duplicate());
    }
    flush(pack, parts.subList(first, parts.size()), placed);
  }

  private void flush(Pack pack, List<Part> parts, Placed placed) throws CairnException {
    long at = pack.end();
    int bytes = staging.position();
    try {
      pack.append(staging.flip());
    } catch (IOException e) {
      cutBack(pack, at);
      throw disk.writeFailed(pack.file(), e);
    } finally {
      staging.clear();
    }
    disk.used(bytes);
    for (Part part : parts) {
      pack.addLive(part.length());
      placed.placed(part, pack, PackLocation.of(pack.slot(), at, part.length()));
      at += PackFormat.headerBytes(part.length()) + part.length();
    }
  }

  /** Takes a half-written run away, as far as that works: the next one goes over it anyway. */
  private void cutBack(Pack pack, long end) {
    try {
      pack.content().truncate(end);
    } catch (IOException e) {
      LOG.debug("{} cannot be cut back", pack.file(), e);
    }
  }

  private Pack packForAppend() throws CairnException {
    if (current != null && current.end() < packBytes && current.takesMore()) {
      return current;
    }
    long salt = salts.getAsLong();
    int number = nextNumber++;
    Path file = directory.resolve(String.format("%08x-%s.pack", number, ChunkName.hex(salt)));
    try {
      Storage.OpenFile content = PackFile.create(disk.storage(), file, open);
      disk.storage().forceDirectory(directory);
      current = add(number, salt, file, content);
      return current;
    } catch (IOException e) {
      throw disk.writeFailed(file, e);
    }
  }

  private Pack add(int number, long salt, Path file, Storage.OpenFile content) {
    synchronized (table) {
      Pack pack = new Pack(disk, table.free(), number, salt, file, content);
      table.set(pack.slot(), pack);
      packs.add(pack);
      return pack;
    }
  }

  /** Opens a pack that is there. */
  Storage.OpenFile open(Path file) throws IOException {
    return new PackFile(disk.storage(), file, open);
  }

  /** Takes a pack up that was on the disk; they come in the order of their numbers. */
  synchronized Pack adopt(int number, long salt, Path file, Storage.OpenFile content) {
    nextNumber = Math.max(nextNumber, number + 1);
    return add(number, salt, file, content);
  }

  /** Goes on with the last pack if there is room in it. */
  synchronized void continueLast() {
    Pack last = packs.isEmpty() ? null : packs.get(packs.size() - 1);
    if (last != null && last.end() < packBytes && last.takesMore()) {
      current = last;
    }
  }

  /**
   * Notes beside the pack that chunks in it are deleted. When that fails for want of space, they
   * come back at the next start, and the master has them deleted again.
   */
  void bury(Pack pack, List<PackScan.Entry> chunks) throws CairnException {
    ByteBuffer out = ByteBuffer.allocate(chunks.size() * PackFormat.DEAD_BYTES);
    for (PackScan.Entry chunk : chunks) {
      PackFormat.putDead(out, pack.salt(), chunk.chunkId(), chunk.position());
    }
    Path file = pack.deadFile();
    synchronized (burying) {
      try (Storage.OpenFile dead = disk.storage().open(file, Storage.Mode.OPEN_OR_CREATE)) {
        dead.write(out.flip(), dead.size() / PackFormat.DEAD_BYTES * PackFormat.DEAD_BYTES);
      } catch (IOException e) {
        CairnException failure = disk.writeFailed(file, e);
        if (disk.isDead()) {
          throw failure;
        }
        LOG.debug("deletions are not noted in {}", file, e);
      }
    }
  }

  /** Forces what was appended, and says so in the packs. */
  void syncDirty() throws CairnException {
    for (Pack pack : packs) {
      if (pack.isDirty()) {
        pack.force();
        synchronized (this) {
          try {
            pack.checkpoint();
          } catch (IOException e) {
            CairnException failure = disk.writeFailed(pack.file(), e);
            if (disk.isDead()) {
              throw failure;
            }
          }
        }
      }
    }
  }

  /** Removes the packs in which nothing lives. */
  void removeEmpty() throws CairnException {
    for (Pack pack : packs) {
      if (pack.isEmpty() && retire(pack)) {
        remove(pack);
      }
    }
  }

  /** Whether nothing will be appended to the pack any more; a small current one stays. */
  private synchronized boolean retire(Pack pack) {
    if (pack != current) {
      return true;
    }
    if (pack.end() < Math.min(packBytes / 4, MIN_PACK_BYTES) || !pack.isEmpty()) {
      return false;
    }
    current = null;
    return true;
  }

  private void remove(Pack pack) throws CairnException {
    packs.remove(pack);
    table.set(pack.slot(), null);
    pack.close();
    try {
      if (pack.isDamaged()) {
        disk.quarantine().takePack(pack.file(), 0);
      } else {
        disk.storage().delete(pack.file());
      }
      disk.storage().delete(pack.deadFile());
    } catch (IOException e) {
      throw disk.writeFailed(pack.file(), e);
    }
  }

  /** A pack that is mostly dead and finished; null when there is none. */
  synchronized Pack mostlyDead() {
    for (Pack pack : packs) {
      if (pack != current && !pack.isEmpty() && pack.isMostlyDead()) {
        return pack;
      }
    }
    return null;
  }

  void close() {
    for (Pack pack : packs) {
      pack.close();
    }
  }
}
