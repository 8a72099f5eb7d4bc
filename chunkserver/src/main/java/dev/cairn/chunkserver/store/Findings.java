package dev.cairn.chunkserver.store;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;

/** What the master has to hear: damaged chunks, and chunks that are gone. */
public final class Findings {

  /** A chunk with a block that does not match its checksum or cannot be read. */
  public record Bad(long chunkId, String reason) {}

  /** What one heartbeat says. */
  public record Page(List<Bad> bad, List<Long> lost) {}

  private final Set<Long> knownBad = new HashSet<>();
  private final Map<Long, String> bad = new LinkedHashMap<>();
  private final Set<Long> lost = new LinkedHashSet<>();
  private volatile LongConsumer whenLost = id -> {};

  /** Notes a damaged chunk; false when it was known. */
  synchronized boolean addBad(long chunkId, String reason) {
    if (!knownBad.add(chunkId)) {
      return false;
    }
    bad.put(chunkId, reason);
    return true;
  }

  /** Whether the chunk was found damaged. */
  synchronized boolean isBad(long chunkId) {
    return knownBad.contains(chunkId);
  }

  /** The damaged chunk does not count as here. */
  synchronized void forget(long chunkId) {
    knownBad.remove(chunkId);
    bad.remove(chunkId);
  }

  void addLost(long chunkId) {
    synchronized (this) {
      knownBad.remove(chunkId);
      bad.remove(chunkId);
      lost.add(chunkId);
    }
    whenLost.accept(chunkId);
  }

  /** Has each chunk named that is gone from now on, on the thread that finds it so. */
  public void whenLost(LongConsumer listener) {
    whenLost = listener;
  }

  /** The oldest findings that were not told yet, at most that many of each kind. */
  public synchronized Page untold(int limit) {
    List<Bad> someBad = new ArrayList<>();
    for (Map.Entry<Long, String> entry : bad.entrySet()) {
      if (someBad.size() == limit) {
        break;
      }
      someBad.add(new Bad(entry.getKey(), entry.getValue()));
    }
    List<Long> someLost = new ArrayList<>();
    for (Iterator<Long> ids = lost.iterator(); ids.hasNext() && someLost.size() < limit; ) {
      someLost.add(ids.next());
    }
    return new Page(someBad, someLost);
  }

  /** Forgets what the master has heard. */
  public synchronized void told(Page page) {
    for (Bad entry : page.bad()) {
      bad.remove(entry.chunkId());
    }
    for (Long id : page.lost()) {
      lost.remove(id);
    }
  }
}
