package dev.cairn.master.state;

import java.nio.ByteBuffer;

/**
 * What is known of a chunk besides where it is.
 *
 * @param ragged sealed, with servers that may have more bytes than its length
 */
public record ChunkRow(int references, int length, int replicas, boolean sealed, boolean ragged) {

  public static final byte OPEN = 0;
  public static final byte SEALED = 1;
  public static final byte RAGGED = 2;

  static ChunkRow of(byte[] value) {
    ByteBuffer bytes = ByteBuffer.wrap(value);
    int references = bytes.getInt();
    int length = bytes.getInt();
    int replicas = bytes.get();
    byte state = bytes.get();
    return new ChunkRow(references, length, replicas, state != OPEN, state == RAGGED);
  }
}
