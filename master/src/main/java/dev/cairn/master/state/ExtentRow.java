package dev.cairn.master.state;

import dev.cairn.master.store.Layout;
import dev.cairn.rpc.proto.Extent;

/** A part of a file: [start, end) lies in the chunk from chunkOffset on. */
public record ExtentRow(long start, long end, long chunk, long chunkOffset) {

  static ExtentRow of(byte[] key, byte[] value) {
    long end = Layout.u64At(key, 8);
    long length = Layout.u64At(value, 0);
    return new ExtentRow(end - length, end, Layout.u64At(value, 8), Layout.u64At(value, 16));
  }

  public long length() {
    return end - start;
  }

  /** The part from the offset on, which lies within. */
  public ExtentRow from(long offset) {
    return new ExtentRow(offset, end, chunk, chunkOffset + (offset - start));
  }

  /** The part before the offset, which lies within. */
  public ExtentRow before(long offset) {
    return new ExtentRow(start, offset, chunk, chunkOffset);
  }

  /** The same bytes at another place of a file. */
  public ExtentRow movedTo(long offset) {
    return new ExtentRow(offset, offset + length(), chunk, chunkOffset);
  }

  public Extent toProto() {
    return Extent.newBuilder()
        .setFileOffset(start)
        .setLength(length())
        .setChunkId(chunk)
        .setChunkOffset(chunkOffset)
        .build();
  }
}
