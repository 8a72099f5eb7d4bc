package dev.cairn.chunkserver.store;

import dev.cairn.rpc.checksum.Blocks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The checksums of an own-file chunk: a file of entries that are only ever appended.
 *
 * <pre>
 *   u32 block index | u32 bytes in the block so far | u32 CRC32C of them | u32 check
 *   u32 0xffffffff  | u64 length of the chunk                            | u32 check    sealed
 *   u32 0xfffffffe  | u64 length of the chunk                            | u32 check    forced
 * </pre>
 *
 * A block's entry behind "sealed" says that the chunk grew after it had been sealed.
 *
 * <p>The check is the CRC32C of the chunk's id and of what is before it in the entry. Entries that
 * do not match theirs are passed over. "Forced" says that all before it, and the data up to that
 * length, had been forced to the disk.
 */
final class ChecksumLog {

  static final int ENTRY_BYTES = 16;

  private static final int SEALED = 0xffffffff;
  private static final int FORCED = 0xfffffffe;
  private static final int NONE = -1;

  private final ByteBuffer entries;
  // Of each block the number of its last entry, and of each entry the number of the one before it
  // for the same block.
  private int[] last = new int[16];
  private final int[] previous;
  private int blocks;
  private long sealedLength = NONE;
  private long onceSealedLength;
  private long forcedLength = NONE;

  ChecksumLog(long chunkId, ByteBuffer entries) {
    this.entries = entries;
    int count = entries.remaining() / ENTRY_BYTES;
    previous = new int[count];
    Arrays.fill(last, NONE);
    for (int i = 0; i < count; i++) {
      int at = i * ENTRY_BYTES;
      forcedLength = NONE;
      if (entries.getInt(at + 12) == check(chunkId, entries, at)) {
        take(i, at);
      }
    }
  }

  /** Reads the last entries of a log, or all of them. */
  static ChecksumLog read(long chunkId, Storage.OpenFile log, int atMost) throws IOException {
    long count = log.size() / ENTRY_BYTES;
    int taken = (int) Math.min(count, atMost);
    ByteBuffer entries = ByteBuffer.allocate(taken * ENTRY_BYTES);
    log.read(entries, (count - taken) * ENTRY_BYTES);
    return new ChecksumLog(chunkId, entries.flip());
  }

  private void take(int entry, int at) {
    int block = entries.getInt(at);
    if (block == SEALED) {
      sealedLength = entries.getLong(at + 4);
      onceSealedLength = Math.max(onceSealedLength, sealedLength);
    } else if (block == FORCED) {
      forcedLength = entries.getLong(at + 4);
    } else if (block >= 0) {
      if (block >= last.length) {
        int old = last.length;
        last = Arrays.copyOf(last, Math.max(block + 1, 2 * old));
        Arrays.fill(last, old, last.length, NONE);
      }
      sealedLength = NONE;
      previous[entry] = last[block];
      last[block] = entry;
      blocks = Math.max(blocks, block + 1);
    }
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

  /** The checksums of a chunk of that length; blocks without a matching entry are missing. */
  BlockSums sums(long length) {
    BlockSums sums = new BlockSums();
    int count = Blocks.count(0, length);
    for (int block = 0; block < count; block++) {
      int bytes = BlockSums.bytesIn(block, length);
      int entry = lastOf(block);
      while (entry != NONE && bytesOf(entry) != bytes) {
        entry = previous[entry];
      }
      if (entry == NONE) {
        sums.setMissing(block);
      } else {
        sums.set(block, sumOf(entry));
      }
    }
    return sums;
  }

  /** How many bytes of the data, from its start on, match their entries. */
  long matching(Storage.OpenFile data, ByteBuffer scratch) throws IOException {
    long size = data.size();
    CRC32C crc = new CRC32C();
    for (int block = 0; block < blocks; block++) {
      long at = (long) block * Blocks.SIZE;
      int available = (int) Math.min(Math.max(0, size - at), Blocks.SIZE);
      data.read(scratch.clear().limit(available), at);
      int bytes = matching(block, scratch.flip(), crc);
      if (bytes < Blocks.SIZE) {
        return at + bytes;
      }
    }
    return (long) blocks * Blocks.SIZE;
  }

  private int matching(int block, ByteBuffer data, CRC32C crc) {
    for (int entry = lastOf(block); entry != NONE; entry = previous[entry]) {
      int bytes = bytesOf(entry);
      if (bytes <= data.limit()) {
        crc.reset();
        crc.update(data.slice(0, bytes));
        if ((int) crc.getValue() == sumOf(entry)) {
          return bytes;
        }
      }
    }
    return 0;
  }

  private int lastOf(int block) {
    return block < blocks ? last[block] : NONE;
  }

  private int bytesOf(int entry) {
    return entries.getInt(entry * ENTRY_BYTES + 4);
  }

  private int sumOf(int entry) {
    return entries.getInt(entry * ENTRY_BYTES + 8);
  }

  static void putBlock(ByteBuffer out, long chunkId, int block, int bytes, int sum) {
    int at = out.position();
    out.putInt(block).putInt(bytes).putInt(sum).putInt(check(chunkId, out, at));
  }

  static void putSealed(ByteBuffer out, long chunkId, long length) {
    putLength(out, chunkId, SEALED, length);
  }

  static void putForced(ByteBuffer out, long chunkId, long length) {
    putLength(out, chunkId, FORCED, length);
  }

  private static void putLength(ByteBuffer out, long chunkId, int kind, long length) {
    int at = out.position();
    out.putInt(kind).putLong(length).putInt(check(chunkId, out, at));
  }

  private static int check(long chunkId, ByteBuffer entries, int at) {
    CRC32C crc = new CRC32C();
    for (int shift = 56; shift >= 0; shift -= 8) {
      crc.update((int) (chunkId >>> shift));
    }
    crc.update(entries.duplicate().limit(at + 12).position(at));
    return (int) crc.getValue();
  }
}
