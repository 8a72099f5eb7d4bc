package dev.cairn.chunkserver.store;

import dev.cairn.rpc.SizeInBytes;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens a store: takes the directories, finds out whose they are, and looks what is in them. */
final class StoreOpening {

  private static final Logger LOG = LoggerFactory.getLogger(StoreOpening.class);

  private final StoreSettings settings;
  private final Storage storage;
  private final long packBytes;
  private final LongSupplier clock;
  private final Findings findings = new Findings();
  private final Map<Long, ChunkFile> ownFiles = new ConcurrentHashMap<>();
  private final PackIndex packed = new PackIndex();
  private final PackTable table = new PackTable();
  private final List<DirectoryLock> locks = new ArrayList<>();

  /**
   * @param packBytes when to begin another pack, or 0 to choose by the size of the disk
   * @param clock seconds since 1970
   */
  StoreOpening(StoreSettings settings, Storage storage, long packBytes, LongSupplier clock) {
    this.settings = settings;
    this.storage = storage;
    this.packBytes = packBytes;
    this.clock = clock;
  }

  LocalChunkStore open() throws IOException {
    boolean done = false;
    try {
      for (Path directory : settings.directories()) {
        locks.add(DirectoryLock.take(directory));
      }
      ServerIdentity identity =
          ServerIdentity.open(storage, settings.directories(), UUID.randomUUID().toString());
      IdleFiles idle = new IdleFiles(settings.idleFiles());
      List<Shelf> shelves = new ArrayList<>();
      for (int i = 0; i < locks.size(); i++) {
        shelves.add(shelf(settings.directories().get(i), locks.get(i), idle));
      }
      done = true;
      return new LocalChunkStore(identity, shelves, ownFiles, packed, table, findings);
    } finally {
      if (!done) {
        locks.forEach(DirectoryLock::close);
      }
    }
  }

  private Shelf shelf(Path directory, DirectoryLock lock, IdleFiles idle) throws IOException {
    try {
      long before = count();
      Quarantine quarantine =
          new Quarantine(
              storage, directory.resolve("quarantine"), settings.quarantineHold(), clock);
      Disk disk = new Disk(directory, storage, findings, settings.reserveBytes(), quarantine);
      ChunkFiles files = new ChunkFiles(disk, idle);
      Packs packs = new Packs(disk, table, ThreadLocalRandom.current()::nextLong, packBytes);
      files.scan(this::found);
      new PackOpening(disk, packs, packed).run();
      remindOfBad(disk);
      LOG.info(
          "{}: {} chunks, room for {}", directory, count() - before, SizeInBytes.show(disk.room()));
      return new Shelf(lock, disk, files, packs, packed);
    } catch (CairnException e) {
      throw e;
    } catch (IOException e) {
      throw ErrorCode.IO.because(
          "the data directory " + directory + " cannot be read: " + Disk.reason(e), e);
    }
  }

  private long count() {
    return ownFiles.size() + packed.size();
  }

  private void found(ChunkFile chunk) {
    ChunkFile other = ownFiles.putIfAbsent(chunk.id(), chunk);
    if (other != null) {
      LOG.warn(
          "{} is in {} and in {}: the first is used",
          ChunkName.show(chunk.id()),
          other.disk().root(),
          chunk.disk().root());
    }
  }

  /** Chunks known to be damaged are reported again, as long as they are here. */
  private void remindOfBad(Disk disk) throws IOException {
    Map<Long, String> here = new LinkedHashMap<>();
    disk.badChunks()
        .load()
        .forEach(
            (id, reason) -> {
              if (ownFiles.containsKey(id) || packed.get(id) != PackLocation.NONE) {
                here.put(id, reason);
                findings.addBad(id, reason);
              }
            });
    disk.badChunks().rewrite(here);
  }
}
