package dev.cairn.chunkserver.store;

import dev.cairn.rpc.Check;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Packs by slot number, of all disks. Reading takes no lock. */
final class PackTable {

  private volatile Pack[] packs = new Pack[16];

  Pack get(int slot) {
    Pack[] now = packs;
    return slot < now.length ? now[slot] : null;
  }

  /**
   * A free slot, from 1 on. Slots are taken by one thread at a time, and filled by {@link #set}.
   */
  synchronized int free() {
    for (int slot = 1; slot < packs.length; slot++) {
      if (packs[slot] == null) {
        return slot;
      }
    }
    Check.that(packs.length < PackLocation.MAX_SLOTS, "there are %s packs", packs.length);
    return packs.length;
  }

  /** Closes packs, and takes them out. */
  synchronized void remove(Predicate<Pack> which) {
    for (Pack pack : packs.clone()) {
      if (pack != null && which.test(pack)) {
        pack.close();
        set(pack.slot(), null);
      }
    }
  }

  /** Shows all packs there are now. */
  void forEach(Consumer<Pack> to) {
    for (Pack pack : packs) {
      if (pack != null) {
        to.accept(pack);
      }
    }
  }

  synchronized void set(int slot, Pack pack) {
    int length = slot < packs.length ? packs.length : 2 * packs.length;
    Pack[] copy = Arrays.copyOf(packs, length);
    copy[slot] = pack;
    packs = copy;
  }
}
