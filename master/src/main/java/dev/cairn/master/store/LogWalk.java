package dev.cairn.master.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Goes through a log file once. Before the first hole every fragment must be sound and in order;
 * behind it, every place is tried as the beginning of a fragment, since the hole may have swallowed
 * the length that says where the next one is.
 */
final class LogWalk {

  /** A batch begins with the sequence number of its first change, u64, and their number, u32. */
  private static final int BATCH_HEADER_BYTES = 12;

  private static final int PAGE_BYTES = 4096;

  /** More than a log can have: a sequence number further ahead is none. */
  private static final long MOST_CHANGES_AHEAD = 1L << 32;

  private final LogBlocks blocks;

  private long end;
  private long batches;
  private long first;
  private long last;

  /** The batch of which the first fragment was read, and not the last; -1 between batches. */
  private long partial = -1;

  /** The header of that batch, which may begin in one block and end in the next. */
  private final ByteBuffer header =
      ByteBuffer.allocate(BATCH_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  private long holeAt = -1;
  private boolean cutOff;
  private boolean blank;
  private long soundBytes;

  LogWalk(LogBlocks blocks) {
    this.blocks = blocks;
  }

  void toTheEnd() throws IOException {
    for (long begin = 0; begin < blocks.size(); begin += LogBlocks.BLOCK_BYTES) {
      blocks.read(begin);
      int at = holeAt < 0 ? wholeFragments(begin) : 0;
      if (holeAt >= 0) {
        soundFragments(at);
      }
    }
    if (holeAt < 0 && partial >= 0) {
      holeAt = blocks.size();
      cutOff = true;
    }
  }

  LogScan found(LogFile file) {
    LogScan.Hole hole =
        holeAt < 0 ? null : new LogScan.Hole(holeAt, cutOff && soundBytes == 0, blank, soundBytes);
    return new LogScan(file, blocks.size(), end, batches, first, last, hole);
  }

  /** Takes fragments of a block up to its end or a hole; returns the place where it stopped. */
  private int wholeFragments(long begin) {
    int at = 0;
    while (blocks.hasHeader(at)) {
      if (!blocks.isSound(at) || !follows(begin, at)) {
        return hole(begin, at);
      }
      at = blocks.behind(at);
      if (partial < 0) {
        end = begin + at;
      }
    }
    boolean padded =
        blocks.length() == LogBlocks.BLOCK_BYTES && blocks.firstNonZero(at) == blocks.length();
    return padded || at == blocks.length() ? at : hole(begin, at);
  }

  private int hole(long begin, int at) {
    holeAt = begin + at;
    cutOff = blocks.isCutOff(at);
    return at;
  }

  /** Takes a sound fragment if it goes on from the ones before it. */
  private boolean follows(long begin, int at) {
    int type = blocks.type(at);
    if (!LogBlocks.isOfABatch(type)) {
      return true;
    }
    boolean beginsABatch = type == LogBlocks.FULL || type == LogBlocks.FIRST;
    if (beginsABatch != partial < 0) {
      return false;
    }
    if (beginsABatch) {
      partial = begin + at;
      header.clear();
    }
    blocks.copyPayload(at, header);
    if (type == LogBlocks.FULL || type == LogBlocks.LAST) {
      if (header.hasRemaining()) {
        return false;
      }
      long sequence = header.getLong(0);
      first = batches == 0 ? sequence : first;
      last = sequence + header.getInt(Long.BYTES) - 1;
      batches++;
      partial = -1;
    }
    return true;
  }

  /** Looks for sound fragments in the rest of a block. */
  private void soundFragments(int from) {
    int at = from;
    int gap = from;
    while (blocks.hasHeader(at)) {
      if (LogBlocks.isOfABatch(blocks.type(at)) && blocks.isSound(at) && isPlausible(at)) {
        soundBytes += blocks.payloadLength(at);
        noteBlank(gap, at);
        at = blocks.behind(at);
        gap = at;
      } else {
        at++;
      }
    }
    noteBlank(gap, blocks.length());
  }

  /** A checksum can be right by chance: a sequence number that cannot come is no fragment's. */
  private boolean isPlausible(int at) {
    int type = blocks.type(at);
    boolean hasSequence =
        (type == LogBlocks.FULL || type == LogBlocks.FIRST)
            && blocks.payloadLength(at) >= Long.BYTES;
    if (!hasSequence) {
      return true;
    }
    long sequence = blocks.u64(at, 0);
    return sequence > last && (last == 0 || sequence - last < MOST_CHANGES_AHEAD);
  }

  /**
   * Notes whether a page of the file that lies between two places is zeros, or the rest of the one
   * in which the first place is.
   */
  private void noteBlank(int from, int to) {
    int page = (from + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    // Less than a header is what the end of a block is filled up with.
    blank |=
        page <= to && page - from >= LogBlocks.HEADER_BYTES && blocks.firstNonZero(from) >= page;
    while (!blank && page + PAGE_BYTES <= to) {
      blank = blocks.firstNonZero(page) >= page + PAGE_BYTES;
      page += PAGE_BYTES;
    }
  }
}
