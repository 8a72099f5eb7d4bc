package dev.cairn.chunkserver.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replicas of one disk that nobody asks for any more and that are kept for a time before they are
 * deleted, in case that was a mistake: bad ones, and ones of which the master does not know.
 *
 * <p>They lie in directories named by the second they were begun in, each of which takes what comes
 * in the hour behind it, and goes as a whole when the hold time is over or, the oldest first, when
 * the disk needs the room. What had files of its own has them there; what was in a pack is in a
 * pack there. Nothing in them is served or reported.
 *
 * <p>Deleting takes long where there is much: it is done some files at a time, with a lock of its
 * own, so that neither what is put aside meanwhile nor who asks how much there is waits for it.
 */
final class Quarantine {

  private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);
  private static final long LONGEST_SPAN_SECONDS = 3600;
  private static final int BATCH = 500;

  /** What one of the directories holds. */
  private static final class Shed {
    final Path directory;
    long bytes;
    long chunks;
    // The pack that small chunks go to; null until there is one.
    Path pack;
    long salt;
    // What is left to be deleted; null until that begins.
    Deque<String> files;

    Shed(Path directory) {
      this.directory = directory;
    }
  }

  private final Storage storage;
  private final Path root;
  private final long holdSeconds;
  private final LongSupplier clock;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong chunks = new AtomicLong();
  // The monitor guards these two.
  private final TreeMap<Long, Shed> sheds = new TreeMap<>();
  private long lastTakenOut;
  // The right to delete, taken before the monitor; guards what is to be deleted, the first one
  // first.
  private final Object emptying = new Object();
  private final Deque<Shed> leaving = new ArrayDeque<>();
  private volatile boolean kept;

  /**
   * @param clock seconds since 1970
   */
  Quarantine(Storage storage, Path root, Duration hold, LongSupplier clock) throws IOException {
    this.storage = storage;
    this.root = root;
    this.holdSeconds = hold.toSeconds();
    this.clock = clock;
    if (storage.exists(root)) {
      for (String name : storage.list(root)) {
        if (name.matches("\\d{1,12}")) {
          sheds.put(Long.valueOf(name), look(root.resolve(name)));
        }
      }
    }
  }

  private Shed look(Path directory) {
    Shed shed = new Shed(directory);
    try {
      look(shed);
    } catch (IOException e) {
      LOG.warn("{} cannot be read, and is not all counted: {}", directory, Disk.reason(e));
    }
    return shed;
  }

  private void look(Shed shed) throws IOException {
    Path directory = shed.directory;
    for (String name : storage.list(directory)) {
      Path file = directory.resolve(name);
      count(shed, storage.size(file), 0);
      if (name.endsWith(".data")) {
        count(shed, 0, 1);
      } else if (name.endsWith(".pack")) {
        try (Storage.OpenFile pack = storage.open(file, Storage.Mode.READ)) {
          count(shed, 0, PackScan.of(pack, saltOf(name)).entries().size());
        }
      }
    }
  }

  private void count(Shed shed, long moreBytes, int moreChunks) {
    shed.bytes += moreBytes;
    shed.chunks += moreChunks;
    bytes.addAndGet(moreBytes);
    chunks.addAndGet(moreChunks);
  }

  private static long saltOf(String name) {
    int dash = name.indexOf('-');
    return dash < 0 ? 0 : ChunkName.ofHex(name.substring(dash + 1, name.length() - 5));
  }

  /** What it takes, with what is being deleted; waits for nobody. */
  long bytes() {
    return bytes.get();
  }

  /** The replicas in it, with those that are being deleted; waits for nobody. */
  long chunks() {
    return chunks.get();
  }

  /** Takes the two files of a chunk, as far as they are there. */
  synchronized void takeFiles(Path data, Path log) throws IOException {
    if (takeFile(data)) {
      count(shed(), 0, 1);
    }
    takeFile(log);
  }

  /** Takes a pack, or the list of what is deleted in it, as it is. */
  synchronized void takePack(Path file, int chunksInIt) throws IOException {
    if (takeFile(file)) {
      count(shed(), 0, chunksInIt);
    }
  }

  /** Takes a file; false when it is not there. */
  private boolean takeFile(Path file) throws IOException {
    if (!storage.exists(file)) {
      return false;
    }
    Shed shed = shed();
    long size = storage.size(file);
    storage.replace(free(shed.directory, file.getFileName().toString()), file);
    count(shed, size, 0);
    return true;
  }

  /** Another replica of the chunk may have been put aside within the same hour. */
  private Path free(Path directory, String name) {
    int dot = name.lastIndexOf('.');
    Path free = directory.resolve(name);
    for (int number = 2; storage.exists(free); number++) {
      free = directory.resolve(name.substring(0, dot) + "." + number + name.substring(dot));
    }
    return free;
  }

  /**
   * Takes a copy of a packed chunk's bytes, right or not.
   *
   * @param sums what its header says they should be
   */
  synchronized void takeRecord(long chunkId, int[] sums, ByteBuffer content) throws IOException {
    Shed shed = shed();
    if (shed.pack == null) {
      shed.salt = ThreadLocalRandom.current().nextLong();
      shed.pack =
          shed.directory.resolve(String.format("%08x-%s.pack", 0, ChunkName.hex(shed.salt)));
    }
    int size = PackFormat.headerBytes(content.remaining()) + content.remaining();
    ByteBuffer record = ByteBuffer.allocate(size);
    PackFormat.putRecord(record, shed.salt, chunkId, sums, content);
    try (Storage.OpenFile pack = storage.open(shed.pack, Storage.Mode.OPEN_OR_CREATE)) {
      pack.write(record.flip(), pack.size());
    }
    count(shed, size, 1);
  }

  /** The directory that takes what comes now. */
  private Shed shed() throws IOException {
    long now = clock.getAsLong();
    Map.Entry<Long, Shed> last = sheds.lastEntry();
    if (last != null && now >= last.getKey() && now - last.getKey() < span()) {
      return last.getValue();
    }
    long began = Math.max(now, lastTakenOut + 1);
    Shed known = sheds.get(began);
    if (known != null) {
      return known;
    }
    Shed shed = new Shed(root.resolve(Long.toString(began)));
    storage.createDirectories(shed.directory);
    sheds.put(began, shed);
    return shed;
  }

  private long span() {
    return Math.max(1, Math.min(LONGEST_SPAN_SECONDS, holdSeconds));
  }

  /** Keeps everything, whatever its age and whatever room is needed, or no longer. */
  void keep(boolean everything) {
    kept = everything;
  }

  /** Deletes some of what was held for long enough. */
  void deleteTheOld() throws IOException {
    if (kept) {
      return;
    }
    synchronized (emptying) {
      takeOutTheOld();
      Shed shed = leaving.peek();
      if (shed != null) {
        deleteSome(shed);
      }
    }
  }

  private synchronized void takeOutTheOld() {
    while (!sheds.isEmpty()
        && clock.getAsLong() - sheds.firstKey() >= (holdSeconds == 0 ? 0 : holdSeconds + span())) {
      leaving.add(takeOutOldest());
    }
  }

  /**
   * The oldest takes nothing from here on, and no other one has its directory before the next
   * second.
   */
  private Shed takeOutOldest() {
    Map.Entry<Long, Shed> oldest = sheds.pollFirstEntry();
    lastTakenOut = Math.max(lastTakenOut, oldest.getKey());
    return oldest.getValue();
  }

  /** Deletes some of what came first, before its time if need be; false when there is nothing. */
  boolean deleteSome() throws IOException {
    if (kept) {
      return false;
    }
    synchronized (emptying) {
      Shed shed = leaving.peek();
      if (shed == null) {
        shed = takeOutEarly();
      }
      if (shed != null) {
        deleteSome(shed);
      }
      return shed != null;
    }
  }

  private synchronized Shed takeOutEarly() {
    if (sheds.isEmpty()) {
      return null;
    }
    Shed shed = takeOutOldest();
    leaving.add(shed);
    LOG.warn(
        "{} is deleted before its time: the disk needs the room ({} chunks)",
        shed.directory,
        shed.chunks);
    return shed;
  }

  private void deleteSome(Shed shed) throws IOException {
    boolean more = false;
    try {
      if (shed.files == null) {
        shed.files = new ArrayDeque<>(storage.list(shed.directory));
      }
      for (int i = 0; i < BATCH && !shed.files.isEmpty(); i++) {
        storage.delete(shed.directory.resolve(shed.files.poll()));
      }
      more = !shed.files.isEmpty();
      if (!more) {
        storage.delete(shed.directory);
      }
    } finally {
      if (!more) {
        leaving.remove(shed);
        bytes.addAndGet(-shed.bytes);
        chunks.addAndGet(-shed.chunks);
      }
    }
  }
}
