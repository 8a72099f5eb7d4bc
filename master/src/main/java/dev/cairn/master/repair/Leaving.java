package dev.cairn.master.repair;

import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.MetadataView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What servers that are to be emptied are still needed for, as one survey found it. */
final class Leaving {

  /** Of so many chunks the lengths are looked up, and the others taken to be like them. */
  private static final int SAMPLE = 4096;

  private static final class Count {
    private long chunks;
    private long unreadable;
    private long stuck;
    private final List<Long> sample = new ArrayList<>();
  }

  private final Map<Integer, Count> counts = new HashMap<>();

  Leaving(List<Integer> draining) {
    draining.forEach(server -> counts.put(server, new Count()));
  }

  boolean isEmpty() {
    return counts.isEmpty();
  }

  /**
   * A chunk that has too few replicas elsewhere.
   *
   * @param stuck whether it is on all servers that may have replicas
   */
  void add(long chunk, int[] holders, boolean readable, boolean stuck) {
    for (int holder : holders) {
      Count count = counts.get(holder);
      if (count != null) {
        count.chunks++;
        count.unreadable += readable ? 0 : 1;
        count.stuck += stuck ? 1 : 0;
        if (count.sample.size() < SAMPLE) {
          count.sample.add(chunk);
        }
      }
    }
  }

  /** Chunks for which the server is needed. */
  long chunks(int server) {
    Count count = counts.get(server);
    return count == null ? 0 : count.chunks;
  }

  /** Those of them that have no good replica anywhere. */
  long unreadable(int server) {
    Count count = counts.get(server);
    return count == null ? 0 : count.unreadable;
  }

  /** Those of them for which there is no other server. */
  long stuck(int server) {
    Count count = counts.get(server);
    return count == null ? 0 : count.stuck;
  }

  /** Bytes of those chunks: exact for some thousand, an estimate for more. */
  long bytes(int server, MetadataView lengths) {
    Count count = counts.get(server);
    if (count == null || count.chunks == 0) {
      return 0;
    }
    long bytes = 0;
    for (long chunk : count.sample) {
      ChunkRow row = lengths.chunk(chunk);
      bytes += row == null ? 0 : row.length();
    }
    return (long) ((double) bytes / count.sample.size() * count.chunks);
  }
}
