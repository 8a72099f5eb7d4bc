package dev.cairn.chunkserver.heartbeat;

import dev.cairn.rpc.proto.CopyResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Changes of what is here that one master has not heard of: each master keeps its own account of
 * the replicas, so that it is right when that master comes to lead. Safe for any thread.
 */
final class Untold {

  /** What one heartbeat says. */
  record Page(List<Long> lost, List<CopyResult> copied) {}

  /** A master that has missed more is better told everything anew. */
  private static final int MOST = 50_000;

  private final Set<Long> lost = new LinkedHashSet<>();
  private final Map<Long, CopyResult> copied = new LinkedHashMap<>();
  private boolean overflown;

  synchronized void lost(long chunkId) {
    copied.remove(chunkId);
    lost.add(chunkId);
    bound();
  }

  synchronized void copied(CopyResult result) {
    if (result.getLength() > 0) {
      lost.remove(result.getChunkId());
    }
    copied.put(result.getChunkId(), result);
    bound();
  }

  private void bound() {
    if (lost.size() + copied.size() > MOST) {
      beginAnew();
      overflown = true;
    }
  }

  /** Whether so much was missed that it is forgotten. */
  synchronized boolean isOverflown() {
    return overflown;
  }

  /** Everything that is here is about to be told. */
  synchronized void beginAnew() {
    lost.clear();
    copied.clear();
    overflown = false;
  }

  /** The oldest changes, at most that many of each kind. */
  synchronized Page page(int limit) {
    return new Page(
        lost.stream().limit(limit).toList(),
        new ArrayList<>(copied.values().stream().limit(limit).toList()));
  }

  /** Forgets what the master has heard. */
  synchronized void told(Page page) {
    page.lost().forEach(lost::remove);
    page.copied().forEach(result -> copied.remove(result.getChunkId(), result));
  }
}
