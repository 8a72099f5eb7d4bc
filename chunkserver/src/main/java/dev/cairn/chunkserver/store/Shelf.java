package dev.cairn.chunkserver.store;

import dev.cairn.rpc.error.CairnException;
import java.io.IOException;
import org.slf4j.LoggerFactory;

/** What is on one disk: its own-file chunks and its packs. */
final class Shelf {

  /** The quarantine goes before the disk has less room than that part of it. */
  private static final int KEPT_FREE_FRACTION = 20;

  private final DirectoryLock lock;
  private final Disk disk;
  private final ChunkFiles files;
  private final Packs packs;
  private final PackRewriting rewriting;
  private boolean cleared;

  Shelf(DirectoryLock lock, Disk disk, ChunkFiles files, Packs packs, PackIndex index) {
    this.lock = lock;
    this.disk = disk;
    this.files = files;
    this.packs = packs;
    this.rewriting = new PackRewriting(packs, index);
  }

  Disk disk() {
    return disk;
  }

  ChunkFiles files() {
    return files;
  }

  Packs packs() {
    return packs;
  }

  /** One round of what has to be done in the background. */
  void tend() throws CairnException {
    try {
      disk.measure();
    } catch (IOException e) {
      disk.die("its free space cannot be found out: " + Disk.reason(e));
      return;
    }
    files.syncDirty(false);
    packs.syncDirty();
    packs.removeEmpty();
    Pack pack = packs.mostlyDead();
    if (pack != null) {
      rewriting.rewrite(pack);
      packs.removeEmpty();
    }
  }

  /** One round of emptying the quarantine, which may take long. */
  void tendQuarantine() {
    try {
      disk.quarantine().deleteTheOld();
    } catch (IOException e) {
      LoggerFactory.getLogger(Shelf.class)
          .warn("the quarantine of {} cannot be emptied: {}", disk.root(), Disk.reason(e));
    }
    disk.makeSomeRoom(disk.totalBytes() / KEPT_FREE_FRACTION);
  }

  /** True once after the disk died: its chunks are to be forgotten. */
  boolean needsClearing() {
    boolean needed = disk.isDead() && !cleared;
    cleared |= needed;
    return needed;
  }

  /** Forces everything. */
  void sync() {
    if (!disk.isDead()) {
      try {
        files.syncDirty(true);
        packs.syncDirty();
      } catch (CairnException e) {
        LoggerFactory.getLogger(Shelf.class).error("{} was not forced", disk.root(), e);
      }
    }
  }

  void close() {
    packs.close();
    lock.close();
  }
}
