package dev.cairn.chunkserver.store;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The packs whose files are open, the longest unused first; closes those over the bound. Packs of
 * all disks share one, so that descriptors are bounded however many packs there are.
 */
final class OpenPacks {

  private final int most;
  private final Map<PackFile, Boolean> files = new LinkedHashMap<>(16, 0.75f, true);

  OpenPacks(int most) {
    this.most = most;
  }

  /** Notes that a file was used just now. */
  void used(PackFile file) {
    PackFile victim = null;
    synchronized (this) {
      files.put(file, true);
      if (files.size() > most) {
        victim = files.keySet().iterator().next();
        files.remove(victim);
      }
    }
    // Outside of the lock, since it takes the file's monitor. A file in use comes back later.
    if (victim != null) {
      victim.closeIfIdle();
    }
  }

  synchronized void forget(PackFile file) {
    files.remove(file);
  }
}
