package dev.cairn.client.file;

import dev.cairn.rpc.checksum.Blocks;
import dev.cairn.rpc.proto.Append;
import dev.cairn.rpc.proto.AppendPart;
import java.nio.ByteBuffer;

/** One frame in the making: parts for one or more chunks whose bytes are a run of an arena. */
final class AppendFrame {

  private static final int MOST_PARTS = 2048;
  private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

  private final Arena arena;
  private final Append.Builder append = Append.newBuilder();
  private int start;
  private int end;

  /** The chunk of the part being made, where it begins in chunk and arena, and how long it is. */
  private long chunkId;

  private long chunkOffset;
  private boolean grows;
  private int position;
  private int length;

  AppendFrame(Arena arena) {
    this.arena = arena;
  }

  /** The frame for what comes behind this one. */
  AppendFrame following() {
    AppendFrame next = new AppendFrame(arena);
    next.start = end;
    next.end = end;
    return next;
  }

  boolean isEmpty() {
    return length == 0 && append.getPartsCount() == 0;
  }

  boolean isFull() {
    return append.getPartsCount() >= MOST_PARTS;
  }

  /**
   * Adds bytes at a position of the arena, to go to an offset of a chunk.
   *
   * @param growing the chunk may be appended to after it was sealed
   */
  void add(long toChunk, long toOffset, int at, int bytes, boolean growing) {
    boolean continues = length > 0 && chunkId == toChunk && chunkOffset + length == toOffset;
    if (!continues) {
      endPart(false);
      chunkId = toChunk;
      chunkOffset = toOffset;
      grows = growing;
      position = at;
    }
    length += bytes;
    end = at + bytes;
  }

  /** Seals a chunk of the given length: with its last bytes where they are in this frame. */
  void seal(long ofChunk, long atOffset) {
    if (length > 0 && chunkId == ofChunk) {
      endPart(true);
    } else {
      endPart(false);
      append.addParts(
          AppendPart.newBuilder().setChunkId(ofChunk).setOffset(atOffset).setSeal(true));
    }
  }

  private void endPart(boolean seal) {
    if (length == 0) {
      return;
    }
    AppendPart.Builder part =
        AppendPart.newBuilder()
            .setChunkId(chunkId)
            .setOffset(chunkOffset)
            .setLength(length)
            .setGrows(grows)
            .setSeal(seal);
    ByteBuffer bytes = arena.bytes(position, position + length);
    for (int checksum : Blocks.checksums(chunkOffset, bytes)) {
      part.addChecksums(checksum);
    }
    append.addParts(part);
    length = 0;
  }

  Append.Builder header() {
    endPart(false);
    return append;
  }

  ByteBuffer payload() {
    return arena == null ? NOTHING : arena.bytes(start, end);
  }
}
