package dev.cairn.master.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * A log file block by block, and what is at a place in a block. The format is that of {@code
 * db/log_format.h} of RocksDB: blocks of 32 KiB, in each of them fragments with a header of 7 bytes
 * (masked CRC32C of type and payload, u32; length, u16; type, u8; little-endian), and zeros where
 * less than a header is left. Logs whose files are used again have longer headers; those are not
 * written here. For one thread.
 */
final class LogBlocks implements Closeable {

  static final int BLOCK_BYTES = 32 << 10;
  static final int HEADER_BYTES = 7;

  private static final int CRC_MASK_DELTA = 0xa282ead8;

  /** The types of fragments that have a part of a batch. */
  static final int FULL = 1;

  static final int FIRST = 2;
  static final int LAST = 4;

  /** Fragments that say how the log is written, and may be left out. */
  private static final int LEAST_IGNORABLE = 9;

  private final FileChannel file;
  private final long size;
  private final ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C crc = new CRC32C();
  private long begin;

  LogBlocks(Path path) throws IOException {
    this.file = FileChannel.open(path);
    this.size = file.size();
  }

  long size() {
    return size;
  }

  /** Reads the block that begins at the offset; what is behind the file's end is not there. */
  void read(long offset) throws IOException {
    begin = offset;
    block.clear();
    while (block.hasRemaining() && file.read(block, begin + block.position()) >= 0) {
      // Goes on to the end of the block, or of the file.
    }
    block.flip();
  }

  /** How many bytes of the block there are. */
  int length() {
    return block.limit();
  }

  /** Whether a fragment at the place has its header in this block. */
  boolean hasHeader(int at) {
    return at + HEADER_BYTES <= length();
  }

  int type(int at) {
    return block.get(at + 6) & 0xff;
  }

  int payloadLength(int at) {
    return block.getShort(at + 4) & 0xffff;
  }

  int behind(int at) {
    return at + HEADER_BYTES + payloadLength(at);
  }

  /** Whether there is a whole and undamaged fragment. */
  boolean isSound(int at) {
    return hasHeader(at)
        && isPossibleType(type(at))
        && behind(at) <= length()
        && hasChecksumFor(at, payloadLength(at));
  }

  private static boolean isPossibleType(int type) {
    return isOfABatch(type) || type >= LEAST_IGNORABLE;
  }

  static boolean isOfABatch(int type) {
    return type >= FULL && type <= LAST;
  }

  /** Whether the checksum would be right if the payload were so long. */
  boolean hasChecksumFor(int at, int payload) {
    crc.reset();
    crc.update(block.array(), at + 6, 1 + payload);
    int value = (int) crc.getValue();
    return block.getInt(at) == ((value >>> 15) | (value << 17)) + CRC_MASK_DELTA;
  }

  /** A number in the payload of the fragment, 8 bytes long. */
  long u64(int at, int offset) {
    return block.getLong(at + HEADER_BYTES + offset);
  }

  /** Copies as much of the payload as there is room for. */
  void copyPayload(int at, ByteBuffer to) {
    to.put(block.array(), at + HEADER_BYTES, Math.min(to.remaining(), payloadLength(at)));
  }

  /** The first place from {@code at} on whose byte is not zero; the block's length without one. */
  int firstNonZero(int at) {
    int i = at;
    while (i < length() && block.get(i) == 0) {
      i++;
    }
    return i;
  }

  /** Whether a fragment that runs out of the file is cut off, and not only says a wrong length. */
  boolean isCutOff(int at) {
    boolean last = begin + length() == size;
    if (!last || !hasHeader(at)) {
      return last;
    }
    return behind(at) > length() && !hasChecksumFor(at, length() - at - HEADER_BYTES);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
