package dev.cairn.master.replica;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Replicas on living servers that are shorter than their chunks: the servers were away, or left out
 * of the chain, when those grew. They are none, and only take room. Safe for any thread.
 */
final class StaleReplicas {

  private final Map<Integer, Set<Long>> byServer = new ConcurrentHashMap<>();

  void add(long chunk, int server) {
    byServer.computeIfAbsent(server, id -> ConcurrentHashMap.newKeySet()).add(chunk);
  }

  /** The replica is gone, or whole by now. */
  void remove(long chunk, int server) {
    byServer.computeIfPresent(
        server,
        (id, chunks) -> {
          chunks.remove(chunk);
          return chunks.isEmpty() ? null : chunks;
        });
  }

  /** Takes those of a chunk out; answers the servers. */
  List<Integer> take(long chunk) {
    List<Integer> servers = new ArrayList<>();
    byServer.forEach(
        (server, chunks) -> {
          if (chunks.contains(chunk)) {
            servers.add(server);
          }
        });
    servers.forEach(server -> remove(chunk, server));
    return servers;
  }

  /** Forgets those of a server. */
  void clear(int server) {
    byServer.remove(server);
  }

  /** The chunks with a stale replica on the server. */
  Set<Long> on(int server) {
    return byServer.getOrDefault(server, Set.of());
  }
}
