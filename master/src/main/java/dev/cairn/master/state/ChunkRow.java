package dev.cairn.master.state;

import java.nio.ByteBuffer;

/** What is known of a chunk besides where it is. */
public record ChunkRow(int references, int length, int replicas, boolean sealed) {

  static ChunkRow of(byte[] value) {
    ByteBuffer bytes = ByteBuffer.wrap(value);
    return new ChunkRow(bytes.getInt(), bytes.getInt(), bytes.get(), bytes.get() != 0);
  }
}
