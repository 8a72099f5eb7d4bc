package dev.cairn.chunkserver.store;

import dev.cairn.rpc.checksum.Blocks;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.zip.CRC32C;

/** The checksums of a chunk's blocks, in order. Guarded by its owner. */
final class BlockSums {

  private int[] sums = new int[4];
  // Blocks whose checksum got lost; null while there are none.
  private BitSet missing;

  int get(int block) {
    return sums[block];
  }

  void set(int block, int sum) {
    if (block >= sums.length) {
      sums = Arrays.copyOf(sums, Math.max(block + 1, 2 * sums.length));
    }
    sums[block] = sum;
    if (missing != null) {
      missing.clear(block);
    }
  }

  /** Says that the first blocks have no checksum yet. */
  void setAllMissing(int count) {
    sums = new int[Math.max(count, 1)];
    missing = new BitSet();
    missing.set(0, count);
  }

  /** The first block of the range without a checksum; negative when all have one. */
  int firstMissing(int fromBlock, int toBlock) {
    int block = missing == null ? -1 : missing.nextSetBit(fromBlock);
    return block < toBlock ? block : -1;
  }

  int[] copy(int fromBlock, int toBlock) {
    return Arrays.copyOfRange(sums, fromBlock, toBlock);
  }

  /** How many bytes a block has in a chunk of that length. */
  static int bytesIn(int block, long length) {
    return (int) Math.min(Blocks.SIZE, length - (long) block * Blocks.SIZE);
  }

  /** The first block of the remaining bytes, which begin with one, that does not match; or -1. */
  static int firstBad(ByteBuffer bytes, int[] sums) {
    ByteBuffer rest = bytes.duplicate();
    int end = rest.limit();
    CRC32C crc = new CRC32C();
    for (int i = 0; i < sums.length; i++) {
      rest.limit(Math.min(end, rest.position() + Blocks.SIZE));
      crc.reset();
      crc.update(rest);
      if ((int) crc.getValue() != sums[i]) {
        return i;
      }
    }
    return -1;
  }
}
