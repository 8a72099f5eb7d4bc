package dev.cairn.rpc.checksum;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Cuts runs of chunk bytes into blocks and computes their checksums. */
public final class Blocks {

  /** Bytes of a block. */
  public static final int SIZE = 64 << 10;

  private Blocks() {}

  /** The start of the block that holds the offset. */
  public static long floor(long offset) {
    return offset & -SIZE;
  }

  /** The end of the block whose last byte is before the offset, or at it. */
  public static long ceiling(long offset) {
    return floor(offset + SIZE - 1);
  }

  /** How many pieces the run [offset, offset + length) is cut into. */
  public static int count(long offset, long length) {
    return length == 0 ? 0 : (int) ((ceiling(offset + length) - floor(offset)) / SIZE);
  }

  /** The length of the first piece of the run [offset, offset + length). */
  public static int firstPiece(long offset, long length) {
    return (int) Math.min(length, floor(offset) + SIZE - offset);
  }

  /** CRC32C of the remaining bytes; the buffer's position stays. */
  public static int checksum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }

  /**
   * The checksums of the pieces of the remaining bytes, which lie in the chunk from the offset on.
   */
  public static int[] checksums(long offset, ByteBuffer bytes) {
    int[] sums = new int[count(offset, bytes.remaining())];
    ByteBuffer rest = bytes.duplicate();
    CRC32C crc = new CRC32C();
    long at = offset;
    for (int i = 0; i < sums.length; i++) {
      int end = rest.limit();
      int piece = firstPiece(at, rest.remaining());
      rest.limit(rest.position() + piece);
      crc.reset();
      crc.update(rest);
      sums[i] = (int) crc.getValue();
      rest.limit(end);
      at += piece;
    }
    return sums;
  }
}
