package dev.cairn.chunkserver.store;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.metrics.Latency;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A chunk store in data directories of this machine. */
public final class LocalChunkStore implements ChunkStore {

  private static final Logger LOG = LoggerFactory.getLogger(LocalChunkStore.class);

  private final ServerIdentity identity;
  private final List<Shelf> shelves;
  private final List<DiskReport> deadDisks;
  private final Map<Long, ChunkFile> ownFiles;
  private final PackIndex packed;
  private final PackTable packs;
  private final Findings findings;
  private final HeldBytes held;
  private Latency syncs = new Latency();
  private final Housekeeping housekeeping = new Housekeeping("store-housekeeping", this::tend);
  private final Housekeeping emptying = new Housekeeping("store-quarantine", this::tendQuarantines);

  LocalChunkStore(
      ServerIdentity identity,
      List<Shelf> shelves,
      List<DiskReport> deadDisks,
      Map<Long, ChunkFile> ownFiles,
      PackIndex packed,
      PackTable packs,
      Findings findings) {
    this.identity = identity;
    this.shelves = shelves;
    this.deadDisks = deadDisks;
    this.ownFiles = ownFiles;
    this.packed = packed;
    this.packs = packs;
    this.findings = findings;
    this.held = new HeldBytes(ownFiles, packs, System::nanoTime);
  }

  /**
   * Opens the directories, making those that are missing, and starts the background threads.
   *
   * @throws CairnException with a sentence for the user when none of them can be used, or it is not
   *     known whose they are
   */
  public static LocalChunkStore open(StoreSettings settings) throws IOException {
    Latency syncs = new Latency();
    LocalChunkStore store =
        new StoreOpening(
                settings,
                new LocalStorage(syncs),
                0,
                () -> TimeUnit.MILLISECONDS.toSeconds(System.currentTimeMillis()))
            .open();
    store.syncs = syncs;
    store.housekeeping.start();
    store.emptying.start();
    return store;
  }

  /** How long it took to force files to the disks. */
  public Latency syncs() {
    return syncs;
  }

  public ServerIdentity identity() {
    return identity;
  }

  /** The data directories that could be used when the store was opened. */
  public List<Path> directories() {
    return shelves.stream().map(shelf -> shelf.disk().root()).toList();
  }

  @Override
  public void append(List<Part> parts, ByteBuffer bytes) throws CairnException {
    List<ByteBuffer> cut = new ArrayList<>(parts.size());
    for (Part part : parts) {
      cut.add(part.verified(bytes));
    }
    int next = 0;
    while (next < parts.size()) {
      int end = next;
      while (end < parts.size() && parts.get(end).fitsPack()) {
        end++;
      }
      if (end > next) {
        appendPacked(parts.subList(next, end), cut.subList(next, end));
        next = end;
      } else {
        appendOwn(parts.get(next), cut.get(next));
        next++;
      }
    }
  }

  private void appendPacked(List<Part> parts, List<ByteBuffer> bytes) throws CairnException {
    int reserved = 0;
    try {
      long total = 0;
      for (Part part : parts) {
        if (ownFiles.containsKey(part.chunkId())
            || !packed.putIfAbsent(part.chunkId(), PackLocation.PENDING)) {
          throw exists(part);
        }
        reserved++;
        total += PackFormat.headerBytes(part.length()) + part.length();
      }
      place(total, shelf -> appendPending(shelf, parts, bytes));
    } finally {
      // Those that were written are not pending any more.
      for (Part part : parts.subList(0, reserved)) {
        packed.replace(part.chunkId(), PackLocation.PENDING, PackLocation.NONE);
      }
    }
  }

  /** Writes those that are not written yet: a disk may have become full in the middle of a run. */
  private void appendPending(Shelf shelf, List<Part> parts, List<ByteBuffer> bytes)
      throws CairnException {
    int first = 0;
    while (first < parts.size() && packed.get(parts.get(first).chunkId()) != PackLocation.PENDING) {
      first++;
    }
    int end = parts.size();
    shelf.packs().append(parts.subList(first, end), bytes.subList(first, end), this::placed);
  }

  private void placed(Part part, Pack pack, long location) {
    packed.replace(part.chunkId(), PackLocation.PENDING, location);
  }

  private static CairnException exists(Part part) {
    return ErrorCode.NOT_AT_END.because(
        ChunkName.show(part.chunkId()) + " is here already, and sealed or longer");
  }

  private void appendOwn(Part part, ByteBuffer bytes) throws CairnException {
    ChunkFile chunk = ownFiles.get(part.chunkId());
    if (chunk == null) {
      if (packed.get(part.chunkId()) != PackLocation.NONE) {
        throw exists(part);
      }
      if (part.offset() != 0 || part.length() == 0) {
        throw ChunkFile.noChunk(part.chunkId());
      }
      place(part.length(), shelf -> create(shelf, part, bytes));
      return;
    }
    chunk.disk().admit(part.length());
    chunk.append(part, bytes);
    shelfOf(chunk).files().dirty(chunk);
  }

  private void create(Shelf shelf, Part part, ByteBuffer bytes) throws CairnException {
    ChunkFile chunk = ChunkFile.fresh(shelf.disk(), shelf.files(), part.chunkId());
    if (ownFiles.putIfAbsent(part.chunkId(), chunk) != null) {
      throw exists(part);
    }
    boolean done = false;
    try {
      chunk.create();
      chunk.append(part, bytes.rewind());
      done = true;
    } finally {
      if (!done) {
        ownFiles.remove(part.chunkId(), chunk);
        discard(shelf, chunk);
      }
    }
    shelf.files().dirty(chunk);
  }

  private static void discard(Shelf shelf, ChunkFile chunk) {
    try {
      shelf.files().delete(chunk);
    } catch (CairnException e) {
      LOG.debug("the files of {} were left over", chunk.id(), e);
    }
  }

  private Shelf shelfOf(ChunkFile chunk) {
    for (Shelf shelf : shelves) {
      if (shelf.disk() == chunk.disk()) {
        return shelf;
      }
    }
    throw new IllegalStateException("a chunk without a shelf: " + chunk.id());
  }

  /** A try to put something on a disk. */
  private interface Placing {
    void on(Shelf shelf) throws CairnException;
  }

  /**
   * Puts something new on a disk, chosen at random in proportion to the room there is, and on
   * another one if that turns out to be full or broken.
   */
  private void place(long bytes, Placing placing) throws CairnException {
    Set<Shelf> tried = new HashSet<>();
    while (true) {
      Shelf shelf = choose(bytes, tried);
      try {
        placing.on(shelf);
        return;
      } catch (CairnException e) {
        boolean another = e.code() == ErrorCode.NO_SPACE || shelf.disk().isDead();
        tried.add(shelf);
        if (!another || tried.size() == shelves.size()) {
          throw e;
        }
      }
    }
  }

  private Shelf choose(long bytes, Set<Shelf> tried) throws CairnException {
    long total = 0;
    long alive = 0;
    for (Shelf shelf : shelves) {
      alive += shelf.disk().isDead() ? 0 : 1;
      total += weight(shelf, bytes, tried);
    }
    if (total == 0 && makeRoom(bytes, tried)) {
      return choose(bytes, tried);
    }
    if (total == 0) {
      throw alive == 0
          ? ErrorCode.IO.because("no disk of this chunk server works")
          : ErrorCode.NO_SPACE.because("no disk of this chunk server has room");
    }
    long point = shelves.size() == 1 ? 0 : ThreadLocalRandom.current().nextLong(total);
    for (Shelf shelf : shelves) {
      point -= weight(shelf, bytes, tried);
      if (point < 0) {
        return shelf;
      }
    }
    // The room changed between the two rounds.
    return choose(bytes, tried);
  }

  private boolean makeRoom(long bytes, Set<Shelf> tried) {
    return shelves.stream()
        .filter(shelf -> !tried.contains(shelf))
        .anyMatch(shelf -> shelf.disk().makeRoom(bytes));
  }

  private static long weight(Shelf shelf, long bytes, Set<Shelf> tried) {
    long room = shelf.disk().room();
    return room < bytes || tried.contains(shelf) ? 0 : room;
  }

  @Override
  public BlockRun blocks(long chunkId, long offset, int length) throws CairnException {
    ChunkFile chunk = ownFiles.get(chunkId);
    if (chunk != null) {
      return chunk.blocks(offset, length);
    }
    while (true) {
      long location = packed.get(chunkId);
      if (location == PackLocation.NONE || location == PackLocation.PENDING) {
        throw ChunkFile.noChunk(chunkId);
      }
      Pack pack = packs.get(PackLocation.slot(location));
      if (pack != null && pack.pin()) {
        // Looked up again: the chunk may have moved, and the slot may be another pack's now.
        if (packed.get(chunkId) == location) {
          int position = PackLocation.position(location);
          return pack.run(chunkId, position, PackLocation.length(location), offset, length);
        }
        pack.unpin();
      }
    }
  }

  @Override
  public void requireFile(long chunkId) throws CairnException {
    ChunkFile chunk = ownFiles.get(chunkId);
    if (chunk != null) {
      chunk.requireFiles();
      return;
    }
    long location = packed.get(chunkId);
    Pack pack = packs.get(PackLocation.slot(location));
    if (pack == null) {
      return;
    }
    try {
      pack.disk().storage().size(pack.file());
    } catch (IOException e) {
      // A pack is removed when all that lived in it has moved.
      if (packed.get(chunkId) == location) {
        pack.keepForGood();
        throw pack.disk().readFailed(chunkId, pack.file(), e);
      }
    }
  }

  @Override
  public void sync(Collection<Long> chunkIds) throws CairnException {
    Set<Pack> involved = new LinkedHashSet<>();
    for (long id : chunkIds) {
      ChunkFile chunk = ownFiles.get(id);
      if (chunk != null) {
        chunk.sync();
        continue;
      }
      long location = packed.get(id);
      Pack pack = packs.get(PackLocation.slot(location));
      if (pack != null) {
        pack.disk().requireAlive();
        involved.add(pack);
      } else if (packed.get(id) == location) {
        throw ChunkFile.noChunk(id);
      }
      // Otherwise it has moved, and what moves is forced before its old place goes.
    }
    for (Pack pack : involved) {
      pack.force();
    }
  }

  @Override
  public void delete(Collection<Long> chunkIds) {
    discard(chunkIds);
    chunkIds.forEach(findings::addLost);
  }

  @Override
  public void discard(Collection<Long> chunkIds) {
    Map<Pack, List<PackScan.Entry>> buried = new HashMap<>();
    for (long id : chunkIds) {
      ChunkFile chunk = ownFiles.remove(id);
      if (chunk != null) {
        forgetBad(id, chunk.disk());
        discard(shelfOf(chunk), chunk);
      } else {
        unlink(id, buried);
      }
    }
    buried.forEach(this::bury);
  }

  @Override
  public void quarantine(Collection<Long> chunkIds) {
    putAside(chunkIds);
    chunkIds.forEach(findings::addLost);
  }

  @Override
  public void putAside(Collection<Long> chunkIds) {
    Map<Pack, List<PackScan.Entry>> buried = new HashMap<>();
    for (long id : chunkIds) {
      ChunkFile chunk = ownFiles.remove(id);
      if (chunk != null) {
        forgetBad(id, chunk.disk());
        quarantine(chunk);
      } else {
        quarantinePacked(id);
        unlink(id, buried);
      }
    }
    buried.forEach(this::bury);
  }

  private void quarantine(ChunkFile chunk) {
    try {
      shelfOf(chunk).files().quarantine(chunk);
    } catch (CairnException e) {
      // Nothing is deleted instead: the next start finds it again, and so does the master.
      LOG.warn("{} stays where it is: {}", ChunkName.show(chunk.id()), e.getMessage());
    }
  }

  private void quarantinePacked(long id) {
    long location = packed.get(id);
    Pack pack = packs.get(PackLocation.slot(location));
    if (pack == null || !pack.pin()) {
      return;
    }
    try {
      if (packed.get(id) == location) {
        pack.quarantine(id, PackLocation.position(location), PackLocation.length(location));
      }
    } catch (CairnException e) {
      LOG.warn("{} is kept in {}: {}", ChunkName.show(id), pack.file(), e.getMessage());
      pack.keepForGood();
    } finally {
      pack.unpin();
    }
  }

  private void forgetBad(long id, Disk disk) {
    if (findings.isBad(id)) {
      disk.badChunks().forget(id);
    }
  }

  private void unlink(long id, Map<Pack, List<PackScan.Entry>> buried) {
    while (true) {
      long location = packed.get(id);
      if (location == PackLocation.NONE || location == PackLocation.PENDING) {
        return;
      }
      if (packed.replace(id, location, PackLocation.NONE)) {
        int length = PackLocation.length(location);
        Pack pack = packs.get(PackLocation.slot(location));
        pack.removeLive(length);
        forgetBad(id, pack.disk());
        buried
            .computeIfAbsent(pack, p -> new ArrayList<>())
            .add(new PackScan.Entry(id, PackLocation.position(location), length));
        return;
      }
    }
  }

  private void bury(Pack pack, List<PackScan.Entry> chunks) {
    for (Shelf shelf : shelves) {
      if (shelf.disk() == pack.disk()) {
        try {
          shelf.packs().bury(pack, chunks);
        } catch (CairnException e) {
          LOG.debug("deletions in {} were not noted", pack.file(), e);
        }
      }
    }
  }

  @Override
  public Replica replica(long chunkId) {
    ChunkFile chunk = ownFiles.get(chunkId);
    if (chunk != null) {
      return chunk.replica();
    }
    long location = packed.get(chunkId);
    return location == PackLocation.NONE || location == PackLocation.PENDING
        ? null
        : new Replica(chunkId, PackLocation.length(location), true);
  }

  @Override
  public void list(Consumer<Replica> to) {
    for (ChunkFile chunk : ownFiles.values()) {
      to.accept(chunk.replica());
    }
    packed.forEach(
        (id, location) -> to.accept(new Replica(id, PackLocation.length(location), true)));
  }

  @Override
  public long count() {
    return ownFiles.size() + packed.size();
  }

  @Override
  public List<DiskReport> disks() {
    List<DiskReport> reports = new ArrayList<>();
    shelves.forEach(shelf -> reports.add(shelf.disk().report(held.on(shelf.disk()))));
    reports.addAll(deadDisks);
    return reports;
  }

  @Override
  public Findings findings() {
    return findings;
  }

  /** One round of housekeeping on every disk. */
  void tend() {
    for (Shelf shelf : shelves) {
      if (!shelf.disk().isDead()) {
        try {
          shelf.tend();
        } catch (CairnException e) {
          LOG.debug("housekeeping of {} was cut short", shelf.disk().root(), e);
        }
      }
      if (shelf.needsClearing()) {
        forget(shelf.disk());
      }
    }
  }

  @Override
  public void keepQuarantine(boolean everything) {
    shelves.forEach(shelf -> shelf.disk().quarantine().keep(everything));
  }

  /** One round of emptying the quarantine of every disk. */
  void tendQuarantines() {
    for (Shelf shelf : shelves) {
      if (!shelf.disk().isDead()) {
        shelf.tendQuarantine();
      }
    }
  }

  /** Gives up all chunks of a dead disk. */
  private void forget(Disk disk) {
    ownFiles
        .values()
        .removeIf(
            chunk -> {
              if (chunk.disk() != disk) {
                return false;
              }
              chunk.closeIfIdle();
              findings.addLost(chunk.id());
              return true;
            });
    packed.forEach(
        (id, location) -> {
          Pack pack = packs.get(PackLocation.slot(location));
          if (pack != null
              && pack.disk() == disk
              && packed.replace(id, location, PackLocation.NONE)) {
            findings.addLost(id);
          }
        });
  }

  @Override
  public void close() {
    housekeeping.stop();
    emptying.stop();
    shelves.forEach(Shelf::sync);
    abandon();
  }

  /** Closes the files as they are, forcing nothing. */
  void abandon() {
    ownFiles.values().forEach(ChunkFile::closeIfIdle);
    shelves.forEach(Shelf::close);
  }
}
