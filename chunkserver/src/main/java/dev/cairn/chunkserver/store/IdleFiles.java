package dev.cairn.chunkserver.store;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The chunks whose files are open and not in use, the longest unused first; closes those over the
 * bound. Chunks of all disks share one, so that descriptors are bounded.
 */
final class IdleFiles {

  private final int most;
  private final Map<ChunkFile, Boolean> chunks = new LinkedHashMap<>(16, 0.75f, true);

  IdleFiles(int most) {
    this.most = most;
  }

  void add(ChunkFile chunk) {
    ChunkFile victim = null;
    synchronized (this) {
      chunks.put(chunk, true);
      if (chunks.size() > most) {
        victim = chunks.keySet().iterator().next();
        chunks.remove(victim);
      }
    }
    // Outside of the lock, since it takes the chunk's monitor. A chunk in use comes back later.
    if (victim != null) {
      victim.closeIfIdle();
    }
  }

  synchronized void remove(ChunkFile chunk) {
    chunks.remove(chunk);
  }
}
