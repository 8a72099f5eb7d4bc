package dev.cairn.master.replica;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Replicas that servers are told to give up since others stand in for them. Such a one may go at
 * any moment, and so counts as gone: from before its server is told until that says that it is gone
 * or that it has settled on a later answer, which does not name it.
 *
 * <pre>
 *   counts --> told in answer n, n+1 ... --> not named any more --> answer settled --> counts
 *                    |                              |
 *                    +------------------------------+-----> gone
 * </pre>
 *
 * <p>An answer may get lost, or be taken long after it was made; therefore only its number, said by
 * the server, tells what the server goes by. A server that registers has nothing left to give up.
 * Safe for any thread.
 */
final class GoingReplicas {

  // By server and chunk: the number of the answer that named the replica last.
  private final Map<Integer, Map<Long, Long>> byServer = new ConcurrentHashMap<>();
  private final AtomicLong answers = new AtomicLong();

  /** An answer to the server will name these and no others; answers its number. */
  long told(int server, Collection<Long> chunks) {
    long answer = answers.incrementAndGet();
    if (!chunks.isEmpty()) {
      byServer.compute(
          server,
          (id, known) -> {
            Map<Long, Long> going = known == null ? new ConcurrentHashMap<>() : known;
            chunks.forEach(chunk -> going.merge(chunk, answer, Math::max));
            return going;
          });
    }
    return answer;
  }

  /** The server gives up nothing any more that the answer of that number did not name. */
  void settled(int server, long answer) {
    byServer.computeIfPresent(
        server,
        (id, going) -> {
          going.values().removeIf(named -> named < answer);
          return going.isEmpty() ? null : going;
        });
  }

  /** The replica is gone. */
  void gone(long chunk, int server) {
    byServer.computeIfPresent(
        server,
        (id, going) -> {
          going.remove(chunk);
          return going.isEmpty() ? null : going;
        });
  }

  /** Forgets those of a server. */
  void clear(int server) {
    byServer.remove(server);
  }

  /** Whether the replica may go at any moment. */
  boolean contains(long chunk, int server) {
    Map<Long, Long> going = byServer.isEmpty() ? null : byServer.get(server);
    return going != null && going.containsKey(chunk);
  }
}
