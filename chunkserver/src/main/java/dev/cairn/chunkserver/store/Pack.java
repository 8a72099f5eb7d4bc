package dev.cairn.chunkserver.store;

import dev.cairn.rpc.Check;
import dev.cairn.rpc.checksum.Blocks;
import dev.cairn.rpc.error.CairnException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * One pack file. Who appends holds the lock of {@link Packs}; anybody reads, with the pack pinned,
 * so that it is not closed meanwhile. The monitor guards the counts.
 */
final class Pack {

  private final Disk disk;
  private final int slot;
  private final int number;
  private final long salt;
  private final Path file;
  private final Storage.OpenFile content;
  private final Object forcing = new Object();

  private long end;
  private long liveBytes;
  private int live;
  private int pins;
  private boolean removed;
  // The end of the last record, and up to where records were forced and said to be.
  private long recordsEnd;
  private long forcedTo;
  private long checkpointed;
  private boolean keep;
  private boolean keepForGood;
  // It has bytes that belong to no record.
  private boolean damaged;

  Pack(Disk disk, int slot, int number, long salt, Path file, Storage.OpenFile content) {
    this.disk = disk;
    this.slot = slot;
    this.number = number;
    this.salt = salt;
    this.file = file;
    this.content = content;
  }

  Disk disk() {
    return disk;
  }

  int slot() {
    return slot;
  }

  int number() {
    return number;
  }

  long salt() {
    return salt;
  }

  Path file() {
    return file;
  }

  Path deadFile() {
    String name = file.getFileName().toString();
    return file.resolveSibling(name.substring(0, name.length() - ".pack".length()) + ".dead");
  }

  Storage.OpenFile content() {
    return content;
  }

  /** Where the next record goes. */
  synchronized long end() {
    return end;
  }

  /** Notes what a scan found. */
  synchronized void found(long end, long forcedTo) {
    this.end = end;
    this.recordsEnd = end;
    this.forcedTo = forcedTo;
    this.checkpointed = forcedTo;
  }

  /** Writes whole records at the end. */
  void append(ByteBuffer records) throws IOException {
    long at = end();
    int bytes = records.remaining();
    content.write(records, at);
    synchronized (this) {
      end = at + bytes;
      recordsEnd = end;
    }
  }

  /** Says in the pack that everything before a position is on the disk, if that is news. */
  void checkpoint() throws IOException {
    long at;
    long position;
    synchronized (this) {
      if (checkpointed >= forcedTo || removed || !takesMore()) {
        return;
      }
      at = end;
      position = forcedTo;
    }
    ByteBuffer out = ByteBuffer.allocate(PackFormat.CHECKPOINT_BYTES);
    PackFormat.putCheckpoint(out, salt, position);
    content.write(out.flip(), at);
    synchronized (this) {
      // The checkpoint itself need not be forced: without it the records are checked once more.
      end = at + PackFormat.CHECKPOINT_BYTES;
      if (forcedTo == recordsEnd) {
        forcedTo = end;
        recordsEnd = end;
        checkpointed = end;
      } else {
        checkpointed = position;
      }
    }
  }

  /** Forces everything appended before the call; callers at the same time share one force. */
  void force() throws CairnException {
    long needed;
    synchronized (this) {
      needed = recordsEnd;
    }
    synchronized (forcing) {
      long upTo;
      synchronized (this) {
        if (forcedTo >= needed || removed) {
          return;
        }
        upTo = recordsEnd;
      }
      try {
        content.force();
      } catch (IOException e) {
        throw disk.forceFailed(file, e);
      }
      synchronized (this) {
        forcedTo = Math.max(forcedTo, upTo);
      }
    }
  }

  synchronized boolean isDirty() {
    return forcedTo < recordsEnd || (checkpointed < forcedTo && takesMore());
  }

  synchronized void addLive(int length) {
    live++;
    liveBytes += PackFormat.headerBytes(length) + length;
  }

  synchronized void removeLive(int length) {
    live--;
    liveBytes -= PackFormat.headerBytes(length) + length;
    Check.that(live >= 0 && liveBytes >= 0, "%s has %s chunks, %s bytes", file, live, liveBytes);
  }

  /** Whether nothing lives in it, and nothing that is not known of may. */
  synchronized boolean isEmpty() {
    return live == 0 && !keepForGood;
  }

  /** Whether it takes more records, and checkpoints. */
  synchronized boolean takesMore() {
    return !keepForGood && !damaged;
  }

  /** Leaves the bytes as they are that belong to no record: they may once be wanted. */
  synchronized void keepDamaged() {
    damaged = true;
  }

  /** Whether the file is to be put aside, and not deleted, when nothing lives in it. */
  synchronized boolean isDamaged() {
    return damaged;
  }

  /** Leaves the file as it is: it cannot be read as a whole, or is gone. */
  synchronized void keepForGood() {
    keep = true;
    keepForGood = true;
  }

  /** Whether rewriting the pack would free more than it costs. */
  synchronized boolean isMostlyDead() {
    return !keep && liveBytes < end / 2;
  }

  /** Excludes the pack from rewriting: something in it cannot be read. */
  synchronized void keepAsItIs() {
    keep = true;
  }

  /** Keeps the pack from being closed; false when it was removed already. */
  synchronized boolean pin() {
    if (removed) {
      return false;
    }
    pins++;
    return true;
  }

  synchronized void unpin() {
    pins--;
    if (removed && pins == 0) {
      content.close();
    }
  }

  /** Lets go of the file, once nobody reads it. */
  synchronized void close() {
    if (!removed) {
      removed = true;
      if (pins == 0) {
        content.close();
      }
    }
  }

  /** A range of a packed chunk. The pack is pinned, and the run unpins it. */
  BlockRun run(long chunkId, int position, int length, long offset, int count)
      throws CairnException {
    try {
      ChunkFile.requireRange(chunkId, offset, count, length);
    } catch (CairnException e) {
      unpin();
      throw e;
    }
    int start = (int) Blocks.floor(offset);
    int end = (int) Math.min(Blocks.ceiling(offset + count), length);
    return new Run(chunkId, position, length, start, end - start);
  }

  /** Reads and checks a record's header. */
  PackFormat.Header header(long chunkId, int position, int length) throws CairnException {
    ByteBuffer bytes = ByteBuffer.allocate(PackFormat.headerBytes(length));
    try {
      content.read(bytes, position);
    } catch (IOException e) {
      throw disk.readFailed(chunkId, file, e);
    }
    PackFormat.Header header = PackFormat.header(bytes.flip(), 0, salt);
    if (header == null || header.chunkId() != chunkId || header.length() != length) {
      throw disk.condemn(chunkId, "its header in " + file + " at " + position + " is damaged");
    }
    return header;
  }

  /** Puts a copy of a chunk's record into the disk's quarantine, damaged or not. Pinned. */
  void quarantine(long chunkId, int position, int length) throws CairnException {
    int[] sums;
    try {
      sums = header(chunkId, position, length).sums();
    } catch (CairnException e) {
      // Nobody knows what its bytes should be; they will count as damaged there, too.
      sums = new int[Blocks.count(0, length)];
    }
    ByteBuffer bytes = ByteBuffer.allocate(length);
    try {
      content.read(bytes, (long) position + PackFormat.headerBytes(length));
    } catch (IOException e) {
      throw disk.readFailed(chunkId, file, e);
    }
    try {
      disk.quarantine().takeRecord(chunkId, sums, bytes.flip());
    } catch (IOException e) {
      throw disk.writeFailed(file, e);
    }
  }

  private final class Run implements BlockRun {

    private final long chunkId;
    private final int position;
    private final int chunkLength;
    private final int offset;
    private final int length;
    private boolean closed;

    Run(long chunkId, int position, int chunkLength, int offset, int length) {
      this.chunkId = chunkId;
      this.position = position;
      this.chunkLength = chunkLength;
      this.offset = offset;
      this.length = length;
    }

    @Override
    public long offset() {
      return offset;
    }

    @Override
    public int length() {
      return length;
    }

    @Override
    public int[] read(ByteBuffer into) throws CairnException {
      int[] all = header(chunkId, position, chunkLength).sums();
      int from = offset / Blocks.SIZE;
      int[] sums = java.util.Arrays.copyOfRange(all, from, from + Blocks.count(offset, length));
      ByteBuffer target = into.slice(into.position(), length);
      try {
        content.read(target, (long) position + PackFormat.headerBytes(chunkLength) + offset);
      } catch (IOException e) {
        throw disk.readFailed(chunkId, file, e);
      }
      int bad = BlockSums.firstBad(target.flip(), sums);
      if (bad >= 0) {
        throw disk.badBlock(chunkId, file, from + bad);
      }
      into.position(into.position() + length);
      return sums;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        unpin();
      }
    }
  }
}
