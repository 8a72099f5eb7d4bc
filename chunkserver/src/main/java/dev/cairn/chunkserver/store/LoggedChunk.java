package dev.cairn.chunkserver.store;

import dev.cairn.rpc.checksum.Blocks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.zip.CRC32C;

/**
 * What a checksum log says of its chunk, for the start of a server. Takes four bytes for each block
 * of the chunk, however long the log is.
 */
final class LoggedChunk implements ChecksumLog.Visitor {

  private static final int NONE = -1;

  private final long chunkId;
  private final BlockSums sums = new BlockSums();
  // The blocks that have an entry as full ones.
  private final BitSet full = new BitSet();
  private int entries;
  private int blocks;
  private long longest;
  private long sealedLength = NONE;
  private long onceSealedLength;
  private long forcedLength = NONE;
  private long onceForcedLength;

  private LoggedChunk(long chunkId) {
    this.chunkId = chunkId;
  }

  /** Reads all of a log. */
  static LoggedChunk read(long chunkId, Storage.OpenFile log) throws IOException {
    LoggedChunk logged = new LoggedChunk(chunkId);
    ChecksumLog.walk(chunkId, log, 0, logged);
    return logged;
  }

  /** Reads the last entries of a log only. */
  static LoggedChunk readLast(long chunkId, Storage.OpenFile log, int count) throws IOException {
    LoggedChunk logged = new LoggedChunk(chunkId);
    long from = ChecksumLog.wholeBytes(log) - (long) count * ChecksumLog.ENTRY_BYTES;
    ChecksumLog.walk(chunkId, log, Math.max(0, from), logged);
    return logged;
  }

  @Override
  public void block(int block, int bytes, int sum) {
    entries++;
    sealedLength = NONE;
    forcedLength = NONE;
    blocks = Math.max(blocks, block + 1);
    longest = Math.max(longest, (long) block * Blocks.SIZE + bytes);
    if (bytes == Blocks.SIZE) {
      sums.set(block, sum);
      full.set(block);
    }
  }

  @Override
  public void sealed(long length) {
    entries++;
    forcedLength = NONE;
    sealedLength = length;
    onceSealedLength = Math.max(onceSealedLength, length);
    longest = Math.max(longest, length);
  }

  @Override
  public void forced(long length) {
    entries++;
    forcedLength = length;
    onceForcedLength = Math.max(onceForcedLength, length);
    // What had been noted beyond that never came about.
    onceSealedLength = Math.min(onceSealedLength, length);
    longest = length;
  }

  @Override
  public void damaged() {
    forcedLength = NONE;
  }

  /** Whether the log says nothing at all of this chunk. */
  boolean isEmpty() {
    return entries == 0;
  }

  /** The length the chunk was sealed at; negative when no entry says it was. */
  long sealedLength() {
    return sealedLength;
  }

  /** The greatest length an entry says it was sealed at: it was never shorter since. */
  long onceSealedLength() {
    return onceSealedLength;
  }

  /** The length that had been forced when the last entry was written; negative otherwise. */
  long forcedLength() {
    return forcedLength;
  }

  /** The greatest length that was once forced. */
  long onceForcedLength() {
    return onceForcedLength;
  }

  /** The greatest length that entries speak of. */
  long longest() {
    return longest;
  }

  /** How many bytes of the data, from its start on, match their entries. */
  long matching(Storage.OpenFile data, Storage.OpenFile log, ByteBuffer scratch)
      throws IOException {
    long size = data.size();
    for (int block = 0; block < blocks; block++) {
      long at = (long) block * Blocks.SIZE;
      int available = (int) Math.min(Math.max(0, size - at), Blocks.SIZE);
      data.read(scratch.clear().limit(available), at);
      scratch.flip();
      boolean whole = full.get(block) && scratch.limit() == Blocks.SIZE;
      if (!whole || Blocks.checksum(scratch) != sums.get(block)) {
        return at + matchingPart(block, log, scratch);
      }
    }
    return (long) blocks * Blocks.SIZE;
  }

  /** How many bytes of a block match an entry of it: the most that do. */
  private int matchingPart(int wanted, Storage.OpenFile log, ByteBuffer bytes) throws IOException {
    int[] sumOf = new int[bytes.limit() + 1];
    BitSet known = new BitSet();
    ChecksumLog.walk(
        chunkId,
        log,
        0,
        (block, count, sum) -> {
          if (block == wanted && count > 0 && count < sumOf.length) {
            sumOf[count] = sum;
            known.set(count);
          }
        });
    CRC32C crc = new CRC32C();
    int best = 0;
    int at = 0;
    for (int count = known.nextSetBit(0); count >= 0; count = known.nextSetBit(count + 1)) {
      crc.update(bytes.slice(at, count - at));
      at = count;
      if ((int) crc.getValue() == sumOf[count]) {
        best = count;
      }
    }
    return best;
  }
}
