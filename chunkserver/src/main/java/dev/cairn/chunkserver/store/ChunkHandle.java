package dev.cairn.chunkserver.store;

import dev.cairn.rpc.checksum.Blocks;

/**
 * The open files of an own-file chunk, and the checksums of all its blocks. Guarded by the chunk's
 * monitor.
 */
final class ChunkHandle {

  // Sixteen thousand appends, which is little to read.
  private static final int SHORT_LOG_BYTES = 256 << 10;

  final Storage.OpenFile data;
  final Storage.OpenFile log;
  final BlockSums sums;
  final boolean writable;
  long logBytes;
  int pins;

  ChunkHandle(
      Storage.OpenFile data,
      Storage.OpenFile log,
      BlockSums sums,
      long logBytes,
      boolean writable) {
    this.data = data;
    this.log = log;
    this.sums = sums;
    this.logBytes = logBytes;
    this.writable = writable;
  }

  /** Whether the log is worth being written anew. */
  boolean hasLongLog(long chunkLength) {
    long needed = (long) Blocks.count(0, chunkLength) * ChecksumLog.ENTRY_BYTES;
    return logBytes > SHORT_LOG_BYTES + 2 * needed;
  }

  void close() {
    data.close();
    log.close();
  }
}
