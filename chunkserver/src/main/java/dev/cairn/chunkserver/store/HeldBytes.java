package dev.cairn.chunkserver.store;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How many bytes the chunks on each disk take. Counting walks over all chunks that have files of
 * their own, so it is not done again before a hundred times as long has passed. Safe for any
 * thread.
 */
final class HeldBytes {

  private static final int REST_FACTOR = 100;

  private final Map<Long, ChunkFile> ownFiles;
  private final PackTable packs;
  private final LongSupplier nanoTime;
  private Map<Disk, Long> counted;
  private long countedAt;
  private long countingNanos;

  HeldBytes(Map<Long, ChunkFile> ownFiles, PackTable packs, LongSupplier nanoTime) {
    this.ownFiles = ownFiles;
    this.packs = packs;
    this.nanoTime = nanoTime;
  }

  /** What Cairn's data on the disk takes: chunks of either kind, and the quarantine. */
  synchronized long on(Disk disk) {
    long now = nanoTime.getAsLong();
    if (counted == null || now - countedAt > REST_FACTOR * countingNanos) {
      counted = count();
      countedAt = nanoTime.getAsLong();
      countingNanos = countedAt - now;
    }
    return counted.getOrDefault(disk, 0L) + disk.quarantine().bytes();
  }

  private Map<Disk, Long> count() {
    Map<Disk, Long> bytes = new HashMap<>();
    for (ChunkFile chunk : ownFiles.values()) {
      bytes.merge(chunk.disk(), chunk.replica().length(), Long::sum);
    }
    packs.forEach(pack -> bytes.merge(pack.disk(), pack.end(), Long::sum));
    return bytes;
  }
}
