package dev.cairn.chunkserver.store;

import dev.cairn.rpc.checksum.Blocks;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What is in a pack: records and checkpoints, one behind the other.
 *
 * <pre>
 *   u32 'CRNr' | u64 chunk id | u32 length | u32 CRC32C of each block | u32 check | bytes
 *   u32 'CRNc' | u64 position | u32 0                                 | u32 check
 * </pre>
 *
 * A checkpoint says that everything before that position has been forced to the disk. The check is
 * the CRC32C of the pack's salt, which is in its name, and of the header's bytes before the check.
 *
 * <p>Beside a pack is the list of its chunks that were deleted:
 *
 * <pre>
 *   u64 chunk id | u32 position of its record | u32 check
 * </pre>
 */
final class PackFormat {

  static final int CHECKPOINT_BYTES = 20;
  static final int MAX_HEADER_BYTES = headerBytes(Part.MAX_PACKED_BYTES);
  static final int DEAD_BYTES = 16;

  private static final int RECORD = 0x43524e72;
  private static final int CHECKPOINT = 0x43524e63;

  /** A header: of a record, or of a checkpoint, which has a position in place of a chunk id. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Header(boolean isRecord, long chunkId, int length, int[] sums) {

    /** Bytes from the header's start to the next one. */
    int size() {
      return headerBytes(length) + length;
    }
  }

  private PackFormat() {}

  static int headerBytes(int length) {
    return CHECKPOINT_BYTES + 4 * Blocks.count(0, length);
  }

  static void putRecord(ByteBuffer out, long salt, long chunkId, int[] sums, ByteBuffer bytes) {
    int at = out.position();
    out.putInt(RECORD).putLong(chunkId).putInt(bytes.remaining());
    for (int sum : sums) {
      out.putInt(sum);
    }
    out.putInt(check(salt, out, at, out.position())).put(bytes);
  }

  static void putCheckpoint(ByteBuffer out, long salt, long position) {
    int at = out.position();
    out.putInt(CHECKPOINT).putLong(position).putInt(0);
    out.putInt(check(salt, out, at, out.position()));
  }

  /** The header at a position of the buffer; null when there is no valid one. */
  static Header header(ByteBuffer in, int at, long salt) {
    if (in.limit() - at < CHECKPOINT_BYTES) {
      return null;
    }
    int magic = in.getInt(at);
    if (magic != RECORD && magic != CHECKPOINT) {
      return null;
    }
    int length = in.getInt(at + 12);
    if (length < 0 || length > Part.MAX_PACKED_BYTES || (length == 0) != (magic == CHECKPOINT)) {
      return null;
    }
    int end = at + headerBytes(length) - 4;
    if (end + 4 > in.limit() || in.getInt(end) != check(salt, in, at, end)) {
      return null;
    }
    int[] sums = new int[Blocks.count(0, length)];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = in.getInt(at + 16 + 4 * i);
    }
    return new Header(magic == RECORD, in.getLong(at + 4), length, sums);
  }

  static void putDead(ByteBuffer out, long salt, long chunkId, int position) {
    int at = out.position();
    out.putLong(chunkId).putInt(position).putInt(check(salt, out, at, out.position()));
  }

  /** Whether a valid entry is there. */
  static boolean isDead(ByteBuffer in, int at, long salt) {
    return in.getInt(at + 12) == check(salt, in, at, at + 12);
  }

  private static int check(long salt, ByteBuffer bytes, int from, int to) {
    CRC32C crc = new CRC32C();
    for (int shift = 56; shift >= 0; shift -= 8) {
      crc.update((int) (salt >>> shift));
    }
    crc.update(bytes.duplicate().limit(to).position(from));
    return (int) crc.getValue();
  }
}
