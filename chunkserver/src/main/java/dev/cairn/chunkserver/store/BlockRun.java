package dev.cairn.chunkserver.store;

import dev.cairn.rpc.error.CairnException;
import java.nio.ByteBuffer;

/**
 * Whole blocks of a chunk as they were when the run was made, whatever is appended since. Keeps
 * their storage until it is closed.
 */
public interface BlockRun extends AutoCloseable {

  /** Where the run begins in the chunk: a multiple of the block size. */
  long offset();

  /** Bytes of the run, which ends with a block or with the chunk. */
  int length();

  /**
   * Reads the run's bytes into the buffer, which has room for them, and returns the checksum of
   * each block. No byte of a block that does not match its checksum gets out: the position stays
   * then.
   *
   * @throws CairnException {@code CORRUPT} when a block does not match its checksum or can't be
   *     read
   */
  int[] read(ByteBuffer into) throws CairnException;

  @Override
  void close();
}
