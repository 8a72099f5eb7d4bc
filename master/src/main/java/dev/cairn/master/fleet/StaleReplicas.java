package dev.cairn.master.fleet;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Replicas that servers reported and that are shorter than their chunks: the servers were away when
 * those grew. They are none, and only take room. Safe for any thread.
 */
public final class StaleReplicas {

  private final Map<Integer, Set<Long>> byServer = new ConcurrentHashMap<>();

  public void add(long chunk, int server) {
    byServer.computeIfAbsent(server, id -> ConcurrentHashMap.newKeySet()).add(chunk);
  }

  /** The replica is gone, or whole by now. */
  public void remove(long chunk, int server) {
    byServer.computeIfPresent(
        server,
        (id, chunks) -> {
          chunks.remove(chunk);
          return chunks.isEmpty() ? null : chunks;
        });
  }

  /** Forgets those of a server. */
  public void clear(int server) {
    byServer.remove(server);
  }

  /** The chunks with a stale replica on the server. */
  public Set<Long> on(int server) {
    return byServer.getOrDefault(server, Set.of());
  }
}
