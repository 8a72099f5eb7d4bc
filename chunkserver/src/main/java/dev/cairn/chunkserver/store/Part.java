package dev.cairn.chunkserver.store;

import dev.cairn.rpc.ChunkSize;
import dev.cairn.rpc.checksum.Blocks;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.AppendPart;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A run of bytes for one chunk, with the checksums of its pieces, which are cut at blocks.
 *
 * @param seal nothing will be appended behind it, unless the chunk grows
 * @param grows the chunk may be appended to after it was sealed
 */
@SuppressWarnings("ArrayRecordComponent") // Parts are passed on, never compared.
public record Part(
    long chunkId, long offset, int length, int[] checksums, boolean seal, boolean grows) {

  /** Most bytes of a chunk that becomes a record in a pack. */
  public static final int MAX_PACKED_BYTES = 256 << 10;

  /** A part of a chunk that is written once. */
  public Part(long chunkId, long offset, int length, int[] checksums, boolean seal) {
    this(chunkId, offset, length, checksums, seal, false);
  }

  /**
   * Reads a part from the wire.
   *
   * @throws CairnException {@code PROTOCOL} when it contradicts itself or the bounds of chunks
   */
  public static Part of(AppendPart wire) throws CairnException {
    long offset = wire.getOffset();
    int length = wire.getLength();
    if (wire.getChunkId() == 0) {
      throw ErrorCode.PROTOCOL.because("an append names no chunk");
    }
    if (length < 0 || offset < 0 || offset + length > ChunkSize.MAX_BYTES) {
      throw ErrorCode.PROTOCOL.because(
          "an append of "
              + Integer.toUnsignedLong(length)
              + " bytes at "
              + Long.toUnsignedString(offset)
              + " makes a chunk too long");
    }
    int pieces = Blocks.count(offset, length);
    if (wire.getChecksumsCount() != pieces) {
      throw ErrorCode.PROTOCOL.because(
          "an append of " + pieces + " pieces has " + wire.getChecksumsCount() + " checksums");
    }
    int[] checksums = new int[pieces];
    for (int i = 0; i < pieces; i++) {
      checksums[i] = wire.getChecksums(i);
    }
    return new Part(wire.getChunkId(), offset, length, checksums, wire.getSeal(), wire.getGrows());
  }

  /** A part of the given bytes, with the checksums they have. */
  public static Part ofBytes(long chunkId, long offset, ByteBuffer bytes, boolean seal) {
    return new Part(chunkId, offset, bytes.remaining(), Blocks.checksums(offset, bytes), seal);
  }

  /** Whether the part is a whole small chunk. */
  boolean fitsPack() {
    return offset == 0 && seal && !grows && length > 0 && length <= MAX_PACKED_BYTES;
  }

  /** Takes the part's bytes from the buffer and compares them with the checksums. */
  ByteBuffer verified(ByteBuffer from) throws CairnException {
    ByteBuffer bytes = from.slice(from.position(), length);
    from.position(from.position() + length);
    CRC32C crc = new CRC32C();
    long at = offset;
    for (int i = 0; i < checksums.length; i++) {
      int piece = Blocks.firstPiece(at, bytes.remaining());
      crc.reset();
      crc.update(bytes.limit(bytes.position() + piece));
      bytes.limit(length);
      if ((int) crc.getValue() != checksums[i]) {
        throw ErrorCode.CORRUPT.because(
            "bytes received for "
                + ChunkName.show(chunkId)
                + " at "
                + at
                + " do not match their checksum");
      }
      at += piece;
    }
    return bytes.rewind();
  }
}
