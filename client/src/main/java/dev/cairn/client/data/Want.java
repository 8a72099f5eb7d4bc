package dev.cairn.client.data;

import dev.cairn.rpc.Check;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Bytes of one chunk that somebody wants.
 *
 * @param servers that have a replica, as far as the master knows
 * @param into is filled from its position to its limit; null when the blocks are only to be in the
 *     cache
 */
public record Want(
    long chunkId, long chunkOffset, int length, List<Integer> servers, ByteBuffer into) {

  public Want {
    Check.that(into == null || into.remaining() == length, "%s bytes for %s", into, length);
    Check.that(length > 0, "a want of %s bytes", length);
  }

  long end() {
    return chunkOffset + length;
  }
}
