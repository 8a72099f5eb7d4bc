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

/**
 * Opens a store: takes the directories, finds out whose they are, and looks what is in them. What
 * cannot be read costs no more than at any other time: a chunk is condemned, and without a disk the
 * others serve.
 */
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
  private final Map<Path, DirectoryLock> locks = new LinkedHashMap<>();
  private final DeadDisks dead = new DeadDisks();

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
        lock(directory);
      }
      ServerIdentity identity =
          ServerIdentity.open(
              storage,
              settings.directories(),
              UUID.randomUUID().toString(),
              dead,
              settings.acceptNewDisks());
      leaveAlone();
      IdleFiles idle = new IdleFiles(settings.idleFiles());
      OpenPacks openPacks = new OpenPacks(settings.openPacks());
      List<Shelf> shelves = new ArrayList<>();
      for (Path directory : dead.others(settings.directories())) {
        try {
          shelves.add(shelf(directory, idle, openPacks));
        } catch (IOException e) {
          leaveOut(directory, e);
        }
      }
      if (shelves.isEmpty()) {
        throw dead.tooMany("no data directory can be used");
      }
      done = true;
      return new LocalChunkStore(
          identity, shelves, dead.reports(), ownFiles, packed, table, findings);
    } finally {
      if (!done) {
        locks.values().forEach(DirectoryLock::close);
      }
    }
  }

  /** Lets go of directories that are not used; one without an identity may be a mount point. */
  private void leaveAlone() throws IOException {
    List<Path> unused = new ArrayList<>(locks.keySet());
    unused.removeAll(dead.others(settings.directories()));
    for (Path directory : unused) {
      if (!storage.exists(directory.resolve(IdentityFile.NAME))) {
        storage.delete(directory.resolve("lock"));
      }
      locks.remove(directory).close();
    }
  }

  private void lock(Path directory) throws CairnException {
    try {
      locks.put(directory, DirectoryLock.take(directory));
    } catch (CairnException e) {
      if (e.code() == ErrorCode.BUSY) {
        throw e;
      }
      dead.add(directory, e.getMessage());
    }
  }

  private Shelf shelf(Path directory, IdleFiles idle, OpenPacks openPacks) throws IOException {
    long before = count();
    Quarantine quarantine =
        new Quarantine(storage, directory.resolve("quarantine"), settings.quarantineHold(), clock);
    Disk disk = new Disk(directory, storage, findings, settings.reserveBytes(), quarantine);
    ChunkFiles files = new ChunkFiles(disk, idle);
    Packs packs =
        new Packs(disk, table, openPacks, ThreadLocalRandom.current()::nextLong, packBytes);
    files.scan(this::found);
    new PackOpening(disk, packs, packed).run();
    remindOfBad(disk);
    disk.requireAlive();
    LOG.info(
        "{}: {} chunks, room for {}", directory, count() - before, SizeInBytes.show(disk.room()));
    return new Shelf(locks.get(directory), disk, files, packs, packed);
  }

  /** Goes on without a disk, and without what was found on it so far. */
  private void leaveOut(Path directory, IOException e) throws CairnException {
    String reason = "the data directory " + directory + " cannot be read: " + Disk.reason(e);
    if (storage.lacksDescriptors()) {
      throw ErrorCode.IO.because(reason, e);
    }
    ownFiles
        .values()
        .removeIf(chunk -> chunk.disk().root().equals(directory) && forgets(chunk.id()));
    packed.forEach(
        (id, location) -> {
          if (table.get(PackLocation.slot(location)).disk().root().equals(directory)
              && forgets(id)) {
            packed.replace(id, location, PackLocation.NONE);
          }
        });
    table.remove(pack -> pack.disk().root().equals(directory));
    locks.remove(directory).close();
    dead.add(directory, reason);
  }

  private boolean forgets(long chunkId) {
    findings.forget(chunkId);
    return true;
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
  private void remindOfBad(Disk disk) {
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
    try {
      disk.badChunks().rewrite(here);
    } catch (IOException e) {
      // It only spares readers a surprise.
      LOG.warn("{} cannot be written: {}", disk.root().resolve("bad-chunks"), Disk.reason(e));
    }
  }
}
