package dev.cairn.chunkserver.store;

import dev.cairn.rpc.ChunkSize;
import dev.cairn.rpc.checksum.Blocks;
import dev.cairn.rpc.error.CairnException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the own-file chunks of a disk up when the server starts.
 *
 * <p>Opening never deletes, cuts or overwrites a file that has bytes. Bytes that no checksum
 * accounts for stay in the chunk's file, behind the length that the chunk is given, and nothing is
 * appended over them. A chunk of which no byte can be verified is damaged and stays where it is.
 * Files without a chunk go to the quarantine.
 */
final class ChunkFileOpening {

  static final String DATA = ".data";
  static final String SUMS = ".sums";

  private static final Logger LOG = LoggerFactory.getLogger(ChunkFileOpening.class);
  // The seal, if there is one, and "forced".
  private static final int LAST_ENTRIES = 2;

  private final Disk disk;
  private final ChunkFiles home;
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(Blocks.SIZE);

  ChunkFileOpening(Disk disk, ChunkFiles home) {
    this.disk = disk;
    this.home = home;
  }

  /** Looks what is in a directory of chunks. */
  void scan(Path directory, Consumer<ChunkFile> found) throws IOException {
    Set<String> names = new HashSet<>(disk.storage().list(directory));
    for (String name : names) {
      String stem = stem(name);
      long id = ChunkName.ofHex(stem);
      if (id == 0) {
        continue;
      }
      Path file = directory.resolve(name);
      if (!home.directory(id).equals(directory)) {
        LOG.warn("{} does not belong into this directory, and is not looked at", file);
      } else if (name.endsWith(DATA)) {
        ChunkFile chunk = opened(id, names.contains(stem + SUMS));
        if (chunk != null) {
          found.accept(chunk);
        }
      } else if (!names.contains(stem + DATA)) {
        LOG.info("{} has no data beside it and is put into quarantine", file);
        putAside(id);
      }
    }
  }

  /** The name without its ending; empty when the file is none of a chunk. */
  private static String stem(String name) {
    boolean known = name.endsWith(DATA) || name.endsWith(SUMS);
    return known ? name.substring(0, name.length() - DATA.length()) : "";
  }

  /** A chunk as it is; null when there is nothing of it. */
  private ChunkFile opened(long id, boolean hasLog) throws CairnException {
    Path reading = home.dataFile(id);
    long size = 0;
    try {
      size = disk.storage().size(reading);
      if (size == 0) {
        dropEmpty(id, hasLog);
        return null;
      }
      reading = home.logFile(id);
      try (Storage.OpenFile log = disk.storage().open(reading, Storage.Mode.READ)) {
        LoggedChunk last = LoggedChunk.readLast(id, log, LAST_ENTRIES);
        long forced = last.forcedLength();
        if (forced > 0 && forced <= size) {
          // Forced twice without an append in between never happens, so a seal is right before it.
          boolean sealed = last.sealedLength() == forced;
          return ChunkFile.existing(disk, home, id, forced, sealed, forced < size);
        }
        LoggedChunk logged = LoggedChunk.read(id, log);
        reading = home.dataFile(id);
        return checked(id, logged, log);
      }
    } catch (CairnException e) {
      disk.requireAlive();
      disk.condemn(id, e.getMessage());
    } catch (IOException e) {
      disk.readFailedAtStart(id, reading, e);
    }
    return damaged(id, size);
  }

  /** A chunk that cannot be looked at: it is here, and takes no more bytes. */
  private ChunkFile damaged(long id, long size) {
    long length = Math.min(size, ChunkSize.MAX_BYTES);
    return ChunkFile.existing(disk, home, id, length, true, true);
  }

  /** The files of a creation, or of a deletion, that was cut short; or of a file cut to nothing. */
  private void dropEmpty(long id, boolean hasLog) throws IOException {
    if (!hasLog) {
      disk.storage().delete(home.dataFile(id));
      return;
    }
    LOG.warn("{} is empty and is put into quarantine with its checksums", home.dataFile(id));
    putAside(id);
  }

  private void putAside(long id) throws CairnException {
    try {
      disk.quarantine().takeFiles(home.dataFile(id), home.logFile(id));
    } catch (IOException e) {
      disk.requireWell(e);
      LOG.warn("{} cannot be put into quarantine: {}", home.logFile(id), Disk.reason(e));
    }
  }

  /** Reads a chunk that may not be whole, and takes what can be verified. */
  private ChunkFile checked(long id, LoggedChunk logged, Storage.OpenFile log) throws IOException {
    Path file = home.dataFile(id);
    try (Storage.OpenFile data = disk.storage().open(file, Storage.Mode.READ)) {
      long size = data.size();
      if (logged.isEmpty()) {
        disk.condemn(id, home.logFile(id) + " has none of its checksums");
        return damaged(id, size);
      }
      long matching = logged.matching(data, log, scratch);
      boolean sealed = logged.sealedLength() > 0 && logged.sealedLength() <= size;
      long whole = logged.onceSealedLength() <= size ? logged.onceSealedLength() : 0;
      long length = sealed ? logged.sealedLength() : Math.max(matching, whole);
      boolean bad = true;
      if (matching < length || length == 0) {
        disk.badBlock(id, file, matching / Blocks.SIZE);
      } else if (logged.onceForcedLength() > size) {
        disk.condemn(
            id, file + " has " + size + " bytes of " + logged.onceForcedLength() + " on the disk");
      } else {
        bad = false;
      }
      if (length == 0) {
        return damaged(id, size);
      }
      if (length < size && !bad) {
        LOG.warn(
            "{} has {} bytes, of which {} match their checksums: the rest stays and is not served",
            file,
            size,
            length);
      }
      boolean ended = bad || length < size || logged.longest() > length;
      ChunkFile chunk = ChunkFile.existing(disk, home, id, length, sealed, ended);
      if (!bad) {
        // The next start need not read it again.
        chunk.mayNotBeForced();
        home.dirty(chunk);
      }
      return chunk;
    }
  }
}
