package dev.cairn.chunkserver.store;

import dev.cairn.rpc.ChunkSize;
import dev.cairn.rpc.checksum.Blocks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The format of an own-file chunk's checksums: a file of entries that are only ever appended.
 *
 * <pre>
 *   u32 block index | u32 bytes in the block so far | u32 CRC32C of them | u32 check
 *   u32 0xffffffff  | u64 length of the chunk                            | u32 check    sealed
 *   u32 0xfffffffe  | u64 length of the chunk                            | u32 check    forced
 * </pre>
 *
 * An append writes its entries before its data, so that a process that is killed leaves no data
 * without entries. A block's entry behind "sealed" says that the chunk grew after it had been
 * sealed.
 *
 * <p>The check is the CRC32C of the chunk's id and of what is before it in the entry. Entries that
 * do not match theirs are passed over. "Forced" says that the chunk had that length, and that all
 * of it was on the disk with its entries.
 *
 * <p>A log is read in pieces, since a chunk that was appended to in very small pieces has a log of
 * many megabytes until it is compacted.
 */
final class ChecksumLog {

  static final int ENTRY_BYTES = 16;
  static final int MAX_BLOCKS = ChunkSize.MAX_BYTES / Blocks.SIZE;

  private static final int SEALED = 0xffffffff;
  private static final int FORCED = 0xfffffffe;
  private static final int PIECE_BYTES = 64 << 10;

  /** Is shown the entries of a log, in order. */
  interface Visitor {
    void block(int block, int bytes, int sum);

    default void sealed(long length) {}

    default void forced(long length) {}

    /** An entry that does not match its check. */
    default void damaged() {}
  }

  private ChecksumLog() {}

  /** The bytes of the log's whole entries. */
  static long wholeBytes(Storage.OpenFile log) throws IOException {
    return log.size() / ENTRY_BYTES * ENTRY_BYTES;
  }

  /** Shows the entries from a position of the log on. */
  static void walk(long chunkId, Storage.OpenFile log, long from, Visitor visitor)
      throws IOException {
    long end = wholeBytes(log);
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE_BYTES, Math.max(0, end - from)));
    for (long at = from; at < end; at += piece.limit()) {
      piece.clear().limit((int) Math.min(piece.capacity(), end - at));
      log.read(piece, at);
      piece.flip();
      for (int i = 0; i + ENTRY_BYTES <= piece.limit(); i += ENTRY_BYTES) {
        show(chunkId, piece, i, visitor);
      }
      if (!piece.hasRemaining()) {
        return;
      }
    }
  }

  private static void show(long chunkId, ByteBuffer entries, int at, Visitor visitor) {
    int kind = entries.getInt(at);
    if (entries.getInt(at + 12) != check(chunkId, entries, at)) {
      visitor.damaged();
    } else if (kind == SEALED) {
      visitor.sealed(entries.getLong(at + 4));
    } else if (kind == FORCED) {
      visitor.forced(entries.getLong(at + 4));
    } else if (kind >= 0 && kind < MAX_BLOCKS) {
      visitor.block(kind, entries.getInt(at + 4), entries.getInt(at + 8));
    }
  }

  /** The checksums of a chunk of that length; blocks without an entry for it are missing. */
  static BlockSums sums(long chunkId, Storage.OpenFile log, long length) throws IOException {
    BlockSums sums = new BlockSums();
    int count = Blocks.count(0, length);
    sums.setAllMissing(count);
    walk(
        chunkId,
        log,
        0,
        (block, bytes, sum) -> {
          if (block < count && bytes == BlockSums.bytesIn(block, length)) {
            sums.set(block, sum);
          }
        });
    return sums;
  }

  /** The entries that a chunk of that length needs: one for each block that has a checksum. */
  static ByteBuffer entries(long chunkId, BlockSums sums, long length, boolean sealed) {
    int count = Blocks.count(0, length);
    ByteBuffer entries = ByteBuffer.allocate((count + 1) * ENTRY_BYTES);
    for (int block = 0; block < count; block++) {
      if (sums.firstMissing(block, block + 1) < 0) {
        putBlock(entries, chunkId, block, BlockSums.bytesIn(block, length), sums.get(block));
      }
    }
    if (sealed) {
      putSealed(entries, chunkId, length);
    }
    return entries.flip();
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
