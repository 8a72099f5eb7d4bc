package dev.cairn.chunkserver.store;

import dev.cairn.rpc.Check;
import dev.cairn.rpc.checksum.Blocks;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * A chunk in files of its own. Its monitor guards the fields and is never held during I/O other
 * than opening the files: whoever does I/O pins the files first. One append is under way at a time;
 * reads go on beside it, up to the length before it.
 */
final class ChunkFile {

  private final Disk disk;
  private final ChunkFiles home;
  private final long id;
  private ChunkHandle files;
  private long length;
  // Until a part comes that makes it grow.
  private boolean sealed;
  private boolean appending;
  // An append failed: what the files have behind the length is unknown.
  private boolean frozen;
  // At the start there were bytes behind the length that could not be verified: they stay.
  private final boolean ended;
  // Housekeeping writes to the log; an append waits until it has.
  private boolean noting;
  private boolean deleted;
  // Counts what changes the files; those of the two below have been forced and said to be forced.
  private int changes;
  private int forced;
  private int marked;
  private boolean nameForced;

  private ChunkFile(Disk disk, ChunkFiles home, long id, boolean ended) {
    this.disk = disk;
    this.home = home;
    this.id = id;
    this.ended = ended;
  }

  /** An empty chunk whose files {@link #create} makes; nobody else can append to it before. */
  static ChunkFile fresh(Disk disk, ChunkFiles home, long id) {
    ChunkFile chunk = new ChunkFile(disk, home, id, false);
    chunk.appending = true;
    return chunk;
  }

  synchronized void create() throws CairnException {
    Path dataFile = home.dataFile(id);
    Storage.OpenFile data = null;
    try {
      home.makeDirectory(id);
      data = disk.storage().open(dataFile, Storage.Mode.CREATE);
      Storage.OpenFile log = disk.storage().open(home.logFile(id), Storage.Mode.CREATE);
      files = new ChunkHandle(data, log, new BlockSums(), 0, true);
      appending = false;
    } catch (IOException e) {
      if (data != null) {
        data.close();
      }
      throw disk.writeFailed(dataFile, e);
    }
  }

  /**
   * A chunk whose files are there, and on the disk.
   *
   * @param ended it takes no more bytes: what is behind its length in its file is unknown
   */
  static ChunkFile existing(
      Disk disk, ChunkFiles home, long id, long length, boolean sealed, boolean ended) {
    ChunkFile chunk = new ChunkFile(disk, home, id, ended);
    chunk.length = length;
    chunk.sealed = sealed;
    chunk.nameForced = true;
    return chunk;
  }

  /** The files are not known to be on the disk. */
  synchronized void mayNotBeForced() {
    nameForced = false;
    changes++;
  }

  long id() {
    return id;
  }

  Disk disk() {
    return disk;
  }

  synchronized Replica replica() {
    return new Replica(id, length, sealed);
  }

  synchronized boolean isSealed() {
    return sealed;
  }

  synchronized int changes() {
    return changes;
  }

  /** Appends bytes that were compared with the part's checksums before. */
  void append(Part part, ByteBuffer bytes) throws CairnException {
    ChunkHandle open;
    long logBytes;
    ByteBuffer entries;
    synchronized (this) {
      awaitNoted();
      requireEnd(part);
      if (part.length() == 0 && !part.seal()) {
        return;
      }
      open = pinToWrite();
      logBytes = open.logBytes;
      entries = pinnedEntriesFor(part, open);
      appending = true;
    }
    boolean done = false;
    try {
      // In this order: a killed server leaves no data without entries.
      open.log.write(entries.duplicate(), logBytes);
      open.data.write(bytes, part.offset());
      done = true;
    } catch (IOException e) {
      cutBack(open, part.offset(), logBytes);
      throw disk.writeFailed(home.dataFile(id), e);
    } finally {
      finishAppend(part, open, entries, done);
    }
    disk.used(part.length() + entries.remaining());
  }

  /** The entries for a part; the files do not stay pinned when there are none. */
  private ByteBuffer pinnedEntriesFor(Part part, ChunkHandle open) throws CairnException {
    boolean made = false;
    try {
      ByteBuffer entries = entriesFor(part, open);
      made = true;
      return entries;
    } finally {
      open.pins -= made ? 0 : 1;
    }
  }

  private void requireEnd(Part part) throws CairnException {
    requireHere();
    boolean closed = sealed && !part.grows();
    if (closed || frozen || ended || appending || part.offset() != length) {
      String state =
          closed
              ? "is sealed"
              : frozen
                  ? "takes no more bytes since an append to it failed"
                  : ended
                      ? "takes no more bytes since its end could not be verified"
                      : appending
                          ? "is being appended to by somebody else"
                          : "has " + length + " bytes, and not " + part.offset();
      throw ErrorCode.NOT_AT_END.because(ChunkName.show(id) + " " + state);
    }
  }

  private void awaitNoted() throws CairnException {
    while (noting) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw ErrorCode.STOPPING.because("the chunk server is stopping", e);
      }
    }
  }

  private void requireHere() throws CairnException {
    if (deleted) {
      throw noChunk(id);
    }
    disk.requireAlive();
  }

  static CairnException noChunk(long chunkId) {
    return ErrorCode.NO_CHUNK.because(ChunkName.show(chunkId) + " is not here");
  }

  /** The log entries of the blocks the part touches, and the seal. */
  private ByteBuffer entriesFor(Part part, ChunkHandle open) throws CairnException {
    int pieces = part.checksums().length;
    ByteBuffer entries =
        ByteBuffer.allocate((pieces + (part.seal() ? 1 : 0)) * ChecksumLog.ENTRY_BYTES);
    long end = part.offset() + part.length();
    int firstBlock = (int) (part.offset() / Blocks.SIZE);
    for (int i = 0; i < pieces; i++) {
      int block = firstBlock + i;
      int sum = part.checksums()[i];
      if (i == 0 && part.offset() % Blocks.SIZE != 0) {
        if (open.sums.firstMissing(block, block + 1) >= 0) {
          throw disk.badBlock(id, home.dataFile(id), block);
        }
        int piece = Blocks.firstPiece(part.offset(), part.length());
        sum = JoinedChecksum.of(open.sums.get(block), sum, piece);
      }
      ChecksumLog.putBlock(entries, id, block, BlockSums.bytesIn(block, end), sum);
    }
    if (part.seal()) {
      ChecksumLog.putSealed(entries, id, end);
    }
    return entries.flip();
  }

  private void finishAppend(Part part, ChunkHandle open, ByteBuffer entries, boolean done) {
    synchronized (this) {
      appending = false;
      if (done) {
        int block = (int) (part.offset() / Blocks.SIZE);
        for (int i = 0; i < part.checksums().length; i++) {
          open.sums.set(block + i, entries.getInt(i * ChecksumLog.ENTRY_BYTES + 8));
        }
        open.logBytes += entries.remaining();
        length += part.length();
        sealed = part.seal();
        changes++;
      } else {
        frozen = true;
      }
    }
    unpin(open);
  }

  /** Takes what a failed append left behind away, as far as that works: nothing depends on it. */
  private void cutBack(ChunkHandle open, long dataBytes, long logBytes) {
    try {
      open.data.truncate(dataBytes);
      open.log.truncate(logBytes);
    } catch (IOException e) {
      org.slf4j.LoggerFactory.getLogger(ChunkFile.class).debug("cannot cut chunk {} back", id, e);
    }
  }

  /** See {@link ChunkStore#blocks}. */
  BlockRun blocks(long offset, int count) throws CairnException {
    synchronized (this) {
      requireHere();
      requireRange(id, offset, count, length);
      ChunkHandle open = pin();
      long start = Blocks.floor(offset);
      long end = Math.min(Blocks.ceiling(offset + count), length);
      int from = (int) (start / Blocks.SIZE);
      int to = from + Blocks.count(start, end - start);
      int missing = open.sums.firstMissing(from, to);
      if (missing >= 0) {
        open.pins--;
        throw disk.badBlock(id, home.dataFile(id), missing);
      }
      return new ChunkFileRun(this, open, start, (int) (end - start), open.sums.copy(from, to));
    }
  }

  static void requireRange(long id, long offset, int count, long length) throws CairnException {
    if (count <= 0 || offset < 0 || offset > length - count) {
      throw ErrorCode.NO_CHUNK.because(
          "%s has %s bytes, and %s at %s were asked for"
              .formatted(
                  ChunkName.show(id),
                  length,
                  Integer.toUnsignedLong(count),
                  Long.toUnsignedString(offset)));
    }
  }

  Path dataFile() {
    return home.dataFile(id);
  }

  /** Makes everything appended so far durable, the name included. */
  void sync() throws CairnException {
    ChunkHandle open;
    int upTo;
    boolean withName;
    synchronized (this) {
      requireHere();
      if (forced == changes && nameForced) {
        return;
      }
      open = pin();
      upTo = changes;
      withName = !nameForced;
    }
    try {
      open.data.force();
      open.log.force();
      if (withName) {
        disk.storage().forceDirectory(home.directory(id));
      }
    } catch (IOException e) {
      throw disk.forceFailed(home.dataFile(id), e);
    } finally {
      unpin(open);
    }
    synchronized (this) {
      forced = Math.max(forced, upTo);
      nameForced = true;
    }
  }

  /** Notes in the log that all of the chunk is on the disk, which spares a check after a crash. */
  void markForced() throws CairnException {
    ChunkHandle open;
    long at;
    ByteBuffer entry = ByteBuffer.allocate(ChecksumLog.ENTRY_BYTES);
    synchronized (this) {
      if (isBusy() || forced != changes || marked == changes) {
        return;
      }
      open = pin();
      noting = true;
      at = open.logBytes;
      ChecksumLog.putForced(entry, id, length);
    }
    boolean done = false;
    try {
      open.log.write(entry.flip(), at);
      done = true;
    } catch (IOException e) {
      throw disk.writeFailed(home.logFile(id), e);
    } finally {
      synchronized (this) {
        open.logBytes += done ? ChecksumLog.ENTRY_BYTES : 0;
        frozen = !done;
        marked = changes;
        noted();
      }
      unpin(open);
    }
  }

  private boolean isBusy() {
    return deleted || frozen || appending || noting;
  }

  private void noted() {
    noting = false;
    notifyAll();
  }

  /**
   * Writes the log anew when it is much longer than what it says, as after many small appends. Its
   * readers keep the old one until they are done.
   */
  void compactLog() throws CairnException {
    ChunkHandle open;
    ByteBuffer entries;
    synchronized (this) {
      if (isBusy() || files == null || !files.hasLongLog(length)) {
        return;
      }
      open = pinToWrite();
      noting = true;
      entries = ChecksumLog.entries(id, open.sums, length, sealed);
    }
    ChunkHandle compacted = null;
    try {
      compacted = rewritten(open, entries);
    } catch (IOException e) {
      throw disk.writeFailed(home.logFile(id), e);
    } finally {
      synchronized (this) {
        if (compacted != null) {
          compacted.pins++;
          files = compacted;
          changes++;
        }
        noted();
      }
      unpin(open);
      if (compacted != null) {
        unpin(compacted);
      }
    }
  }

  private ChunkHandle rewritten(ChunkHandle open, ByteBuffer entries) throws IOException {
    Path fresh = home.directory(id).resolve(ChunkName.hex(id) + ".new");
    int logBytes = entries.remaining();
    Storage.OpenFile log = disk.storage().open(fresh, Storage.Mode.CREATE);
    Storage.OpenFile data = null;
    try {
      log.write(entries, 0);
      log.force();
      data = disk.storage().open(home.dataFile(id), Storage.Mode.WRITE);
      disk.storage().replace(home.logFile(id), fresh);
      disk.storage().forceDirectory(home.directory(id));
      return new ChunkHandle(data, log, open.sums, logBytes, true);
    } catch (IOException e) {
      log.close();
      if (data != null) {
        data.close();
      }
      throw e;
    }
  }

  /** Removes the files. */
  void delete() throws CairnException {
    leave();
    try {
      // In this order: a log without data is known for a leftover at the next start.
      disk.storage().delete(home.dataFile(id));
      disk.storage().delete(home.logFile(id));
    } catch (IOException e) {
      throw disk.writeFailed(home.dataFile(id), e);
    }
  }

  /** Takes no more bytes, and serves none, from now on. */
  private synchronized void leave() {
    deleted = true;
    closeIfIdle();
  }

  /** See {@link ChunkStore#requireFile}. */
  void requireFiles() throws CairnException {
    for (Path file : List.of(home.dataFile(id), home.logFile(id))) {
      try {
        disk.storage().size(file);
      } catch (IOException e) {
        synchronized (this) {
          if (deleted) {
            return;
          }
        }
        throw disk.readFailed(id, file, e);
      }
    }
  }

  /** Puts the files into the disk's quarantine. */
  void quarantine() throws CairnException {
    leave();
    try {
      disk.quarantine().takeFiles(home.dataFile(id), home.logFile(id));
    } catch (IOException e) {
      // Files that cannot be looked at are no reason to give the disk up.
      throw ErrorCode.IO.because(home.dataFile(id) + " cannot be put aside: " + Disk.reason(e), e);
    }
  }

  synchronized void closeIfIdle() {
    if (files != null && files.pins == 0) {
      files.close();
      files = null;
    }
  }

  private ChunkHandle pin() throws CairnException {
    if (files == null) {
      files = open(!sealed || marked != changes);
    }
    files.pins++;
    return files;
  }

  /** Readers of a sealed chunk keep the files they have; the last one closes them. */
  private ChunkHandle pinToWrite() throws CairnException {
    if (files != null && !files.writable) {
      closeIfIdle();
      files = null;
    }
    if (files == null) {
      files = open(true);
    }
    files.pins++;
    return files;
  }

  private ChunkHandle open(boolean toWrite) throws CairnException {
    Path opening = home.dataFile(id);
    Storage.Mode mode = toWrite ? Storage.Mode.WRITE : Storage.Mode.READ;
    Storage.OpenFile data = null;
    Storage.OpenFile log = null;
    try {
      data = disk.storage().open(opening, mode);
      opening = home.logFile(id);
      log = disk.storage().open(opening, mode);
      BlockSums sums = ChecksumLog.sums(id, log, length);
      return new ChunkHandle(data, log, sums, ChecksumLog.wholeBytes(log), toWrite);
    } catch (IOException e) {
      if (data != null) {
        data.close();
      }
      if (log != null) {
        log.close();
      }
      throw disk.readFailed(id, opening, e);
    }
  }

  /** Gives back what was pinned. */
  void unpin(ChunkHandle open) {
    boolean idle;
    synchronized (this) {
      Check.that(open.pins > 0, "chunk %s is not pinned", id);
      open.pins--;
      idle = open.pins == 0;
      if (open != files) {
        if (idle) {
          open.close();
        }
        return;
      }
      if (idle && deleted) {
        closeIfIdle();
        return;
      }
    }
    if (idle) {
      home.idle(this);
    }
  }
}
