package dev.cairn.chunkserver.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
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
 */
final class Quarantine {

  private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);
  private static final long LONGEST_SPAN_SECONDS = 3600;

  /** What one of the directories holds. */
  private static final class Shed {
    final Path directory;
    long bytes;
    long chunks;
    // The pack that small chunks go to; null until there is one.
    Path pack;
    long salt;

    Shed(Path directory) {
      this.directory = directory;
    }
  }

  private final Storage storage;
  private final Path root;
  private final long holdSeconds;
  private final LongSupplier clock;
  private final TreeMap<Long, Shed> sheds = new TreeMap<>();

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

  private Shed look(Path directory) throws IOException {
    Shed shed = new Shed(directory);
    for (String name : storage.list(directory)) {
      Path file = directory.resolve(name);
      shed.bytes += storage.size(file);
      if (name.endsWith(".data")) {
        shed.chunks++;
      } else if (name.endsWith(".pack")) {
        try (Storage.OpenFile pack = storage.open(file, Storage.Mode.READ)) {
          shed.chunks += PackScan.of(pack, saltOf(name)).entries().size();
        }
      }
    }
    return shed;
  }

  private static long saltOf(String name) {
    int dash = name.indexOf('-');
    return dash < 0 ? 0 : ChunkName.ofHex(name.substring(dash + 1, name.length() - 5));
  }

  synchronized long bytes() {
    return sheds.values().stream().mapToLong(shed -> shed.bytes).sum();
  }

  synchronized long chunks() {
    return sheds.values().stream().mapToLong(shed -> shed.chunks).sum();
  }

  /** Takes the two files of a chunk. */
  synchronized void takeFiles(Path data, Path log) throws IOException {
    Shed shed = shed();
    long bytes = storage.size(data) + storage.size(log);
    storage.replace(shed.directory.resolve(data.getFileName()), data);
    storage.replace(shed.directory.resolve(log.getFileName()), log);
    shed.bytes += bytes;
    shed.chunks++;
  }

  /**
   * Takes a copy of a packed chunk's bytes, right or not.
   *
   * @param sums what its header says they should be
   */
  synchronized void takeRecord(long chunkId, int[] sums, ByteBuffer bytes) throws IOException {
    Shed shed = shed();
    if (shed.pack == null) {
      shed.salt = ThreadLocalRandom.current().nextLong();
      shed.pack =
          shed.directory.resolve(String.format("%08x-%s.pack", 0, ChunkName.hex(shed.salt)));
    }
    int size = PackFormat.headerBytes(bytes.remaining()) + bytes.remaining();
    ByteBuffer record = ByteBuffer.allocate(size);
    PackFormat.putRecord(record, shed.salt, chunkId, sums, bytes);
    try (Storage.OpenFile pack = storage.open(shed.pack, Storage.Mode.OPEN_OR_CREATE)) {
      pack.write(record.flip(), pack.size());
    }
    shed.bytes += size;
    shed.chunks++;
  }

  /** The directory that takes what comes now. */
  private Shed shed() throws IOException {
    long now = clock.getAsLong();
    Map.Entry<Long, Shed> last = sheds.lastEntry();
    if (last != null && now >= last.getKey() && now - last.getKey() < span()) {
      return last.getValue();
    }
    Shed shed = new Shed(root.resolve(Long.toString(now)));
    storage.createDirectories(shed.directory);
    sheds.put(now, shed);
    return shed;
  }

  private long span() {
    return Math.max(1, Math.min(LONGEST_SPAN_SECONDS, holdSeconds));
  }

  /** Deletes what was held for long enough. */
  synchronized void deleteTheOld() throws IOException {
    while (!sheds.isEmpty()
        && clock.getAsLong() - sheds.firstKey() >= (holdSeconds == 0 ? 0 : holdSeconds + span())) {
      delete(sheds.pollFirstEntry().getValue());
    }
  }

  /** Deletes what came first, before its time; false when there is nothing. */
  synchronized boolean deleteOldest() throws IOException {
    Map.Entry<Long, Shed> oldest = sheds.pollFirstEntry();
    if (oldest == null) {
      return false;
    }
    delete(oldest.getValue());
    LOG.warn(
        "{} was deleted before its time: the disk needs the room ({} chunks)",
        oldest.getValue().directory,
        oldest.getValue().chunks);
    return true;
  }

  private void delete(Shed shed) throws IOException {
    for (String name : storage.list(shed.directory)) {
      storage.delete(shed.directory.resolve(name));
    }
    storage.delete(shed.directory);
  }
}
