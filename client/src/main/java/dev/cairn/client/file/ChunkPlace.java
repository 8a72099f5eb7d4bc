package dev.cairn.client.file;

import java.util.List;

/**
 * Where a chunk is, as this client heard it last.
 *
 * @param lost the master knew that no server will be found to have it
 */
record ChunkPlace(List<Integer> serverIds, boolean lost) {

  /** Nobody has said so. */
  static final ChunkPlace UNKNOWN = new ChunkPlace(List.of(), false);
}
