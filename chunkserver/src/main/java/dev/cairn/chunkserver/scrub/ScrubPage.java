package dev.cairn.chunkserver.scrub;

import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.chunkserver.store.Replica;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The next chunks to check, a bounded number of them in order.
 *
 * @param bytesLeft of all chunks that are not checked yet
 * @param bytes of all chunks
 */
record ScrubPage(List<Replica> replicas, long bytesLeft, long bytes) {

  private static final int MOST_CHUNKS = 4096;
  private static final Comparator<Replica> ORDER =
      (a, b) -> Long.compareUnsigned(a.chunkId(), b.chunkId());

  static ScrubPage of(ChunkStore store, long from) {
    PriorityQueue<Replica> first = new PriorityQueue<>(ORDER.reversed());
    long[] sums = {0, 0};
    store.list(
        replica -> {
          sums[1] += replica.length();
          if (Long.compareUnsigned(replica.chunkId(), from) >= 0) {
            sums[0] += replica.length();
            first.add(replica);
            if (first.size() > MOST_CHUNKS) {
              first.remove();
            }
          }
        });
    List<Replica> page = new ArrayList<>(first);
    page.sort(ORDER);
    return new ScrubPage(page, sums[0], sums[1]);
  }
}
