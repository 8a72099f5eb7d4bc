package dev.cairn.master.replica;

import dev.cairn.master.record.proto.MarkedReplica;
import dev.cairn.rpc.ShownText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;

/**
 * Replicas that somebody said are bad, until their own servers have read and checked them. A
 * client's word alone takes no replica out of use: readers are sent to the others first, and that
 * is all. Safe for any thread.
 */
final class SuspectReplicas {

  /** More are not noted: servers would only be busy reading. */
  private static final int MOST = 1000;

  private static final int MAX_REASON = 500;

  private record Name(long chunk, int server) {}

  private final Map<Name, MarkedReplica> suspects = new ConcurrentHashMap<>();

  /** Notes a suspicion; false when there is one already, or no room for another. */
  boolean add(long chunk, int server, String reason, long now) {
    if (isFull()) {
      return false;
    }
    MarkedReplica suspect =
        MarkedReplica.newBuilder()
            .setChunk(chunk)
            .setServer(server)
            .setReason(ShownText.of(reason, MAX_REASON))
            .setReportedAt(now)
            .build();
    return suspects.putIfAbsent(new Name(chunk, server), suspect) == null;
  }

  boolean contains(long chunk, int server) {
    return !suspects.isEmpty() && suspects.containsKey(new Name(chunk, server));
  }

  /** It is known what the replica is; false when it was not under suspicion. */
  boolean remove(long chunk, int server) {
    return suspects.remove(new Name(chunk, server)) != null;
  }

  boolean isFull() {
    return suspects.size() >= MOST;
  }

  /** Forgets those of servers that cannot check them; of all their replicas they report anew. */
  void retain(IntPredicate servers) {
    suspects.keySet().removeIf(name -> !servers.test(name.server()));
  }

  /** Forgets those of a server. */
  void clear(int server) {
    suspects.keySet().removeIf(name -> name.server() == server);
  }

  /** Some of the chunks that the server is to check. */
  List<Long> on(int server, int most) {
    return suspects.keySet().stream()
        .filter(name -> name.server() == server)
        .limit(most)
        .map(Name::chunk)
        .toList();
  }

  List<MarkedReplica> list() {
    return new ArrayList<>(suspects.values());
  }
}
