package dev.cairn.master.replica;

import dev.cairn.master.record.proto.MarkedReplica;
import dev.cairn.master.record.proto.ReplicaName;
import dev.cairn.master.state.MetadataView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** The replicas marked as bad: a copy of the rows in memory, since every answer asks. */
final class BadReplicas {

  private static final int MOST_KEPT_ASIDE = 20;

  private final Map<Long, Map<Integer, MarkedReplica>> byChunk = new ConcurrentHashMap<>();

  private final AtomicLong changes = new AtomicLong();

  /** The latest first. Its lock guards the count, too. */
  private final ArrayDeque<MarkedReplica> latestAside = new ArrayDeque<>();

  private long putAside;

  BadReplicas(MetadataView view) {
    view.badReplicas(this::marked);
  }

  /** Follows the state. */
  void marked(MarkedReplica replica) {
    byChunk
        .computeIfAbsent(replica.getChunk(), chunk -> new ConcurrentSkipListMap<>())
        .put(replica.getServer(), replica);
    changes.incrementAndGet();
  }

  /** Grows when replicas are marked. */
  long changes() {
    return changes.get();
  }

  /** Follows the state. */
  void forgotten(ReplicaName replica) {
    byChunk.computeIfPresent(
        replica.getChunk(),
        (chunk, marks) -> {
          MarkedReplica mark = marks.remove(replica.getServer());
          if (mark != null) {
            putAside(mark);
          }
          return marks.isEmpty() ? null : marks;
        });
  }

  private void putAside(MarkedReplica mark) {
    synchronized (latestAside) {
      putAside++;
      latestAside.addFirst(mark);
      if (latestAside.size() > MOST_KEPT_ASIDE) {
        latestAside.removeLast();
      }
    }
  }

  /** What was bad and is no longer in use, the latest first. */
  ReplicaMap.PutAside putAside() {
    synchronized (latestAside) {
      return new ReplicaMap.PutAside(putAside, List.copyOf(latestAside));
    }
  }

  boolean contains(long chunk, int server) {
    if (byChunk.isEmpty()) {
      return false;
    }
    Map<Integer, MarkedReplica> marks = byChunk.get(chunk);
    return marks != null && marks.containsKey(server);
  }

  /** The chunks with a bad replica on the server, or as many as asked for. */
  List<Long> on(int server, int most) {
    List<Long> chunks = new ArrayList<>();
    for (Map.Entry<Long, Map<Integer, MarkedReplica>> entry : byChunk.entrySet()) {
      if (chunks.size() < most && entry.getValue().containsKey(server)) {
        chunks.add(entry.getKey());
      }
    }
    return chunks;
  }

  /** All of them, or as many as asked for. */
  List<MarkedReplica> list(int most) {
    List<MarkedReplica> all = new ArrayList<>();
    for (Map<Integer, MarkedReplica> marks : byChunk.values()) {
      for (MarkedReplica mark : marks.values()) {
        if (all.size() == most) {
          return all;
        }
        all.add(mark);
      }
    }
    return all;
  }
}
