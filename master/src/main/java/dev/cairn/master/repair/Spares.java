package dev.cairn.master.repair;

import dev.cairn.master.fleet.Candidate;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.MetadataView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The replicas that may go: of chunks with too many, one at a time, and bad and stale ones. What
 * stays must be as many good replicas as wanted, on servers that were heard of a moment ago and are
 * not to be emptied. For one thread at a time.
 */
final class Spares {

  private static final int MOST = 1 << 13;

  private final ReplicaMap replicas;
  private final MetadataView latest;
  private final OrderBook book;
  // The server each of these chunks has a replica too many on, until it is gone from there.
  private final Map<Long, Going> chosen = new HashMap<>();

  /** A replica that is to go. */
  private record Going(int server, int length) {}

  Spares(ReplicaMap replicas, MetadataView latest, OrderBook book) {
    this.replicas = replicas;
    this.latest = latest;
    this.book = book;
  }

  boolean isEmpty() {
    return chosen.isEmpty();
  }

  /** Whether a replica of the chunk is to go. */
  boolean isChosen(long chunk) {
    return chosen.containsKey(chunk);
  }

  /**
   * Chooses a replica of each chunk to go.
   *
   * @param prompt the servers heard of a moment ago
   */
  void choose(ChunkQueue surplus, List<Candidate> prompt) {
    chosen.entrySet().removeIf(e -> !holdsGood(e.getKey(), e.getValue().server()));
    Map<Integer, Long> going = new HashMap<>();
    chosen.values().forEach(one -> going.merge(one.server(), (long) one.length(), Long::sum));
    while (!surplus.isEmpty() && chosen.size() < MOST) {
      long chunk = surplus.take();
      ChunkRow row = latest.chunk(chunk);
      List<Candidate> holders = goodHolders(chunk, prompt);
      if (row != null && !holders.isEmpty() && !chosen.containsKey(chunk)) {
        holders.replaceAll(holder -> holder.withFreed(going.getOrDefault(holder.server(), 0L)));
        int server = Spare.choose(holders);
        if (isSpare(chunk, server, prompt)) {
          chosen.put(chunk, new Going(server, row.length()));
          going.merge(server, (long) row.length(), Long::sum);
        }
      }
    }
  }

  private boolean holdsGood(long chunk, int server) {
    return replicas.holds(chunk, server) && replicas.isGood(chunk, server);
  }

  /** Those of the servers that hold a good replica of the chunk, and are to keep it. */
  List<Candidate> goodHolders(long chunk, List<Candidate> servers) {
    List<Candidate> holders = new ArrayList<>();
    int[] all = replicas.holders(chunk);
    for (Candidate server : servers) {
      for (int holder : all) {
        if (holder == server.server() && replicas.counts(chunk, holder)) {
          holders.add(server);
        }
      }
    }
    return holders;
  }

  /** Whether the chunk has all the good replicas it should have without that server's. */
  private boolean isSpare(long chunk, int server, List<Candidate> prompt) {
    ChunkRow row = book.has(chunk) ? null : latest.chunk(chunk);
    if (row == null || !row.sealed()) {
      return false;
    }
    List<Candidate> others = goodHolders(chunk, prompt);
    others.removeIf(holder -> holder.server() == server);
    return others.size() >= row.replicas();
  }

  /**
   * Good replicas of the server that are too many. Looked at anew each time, since a server may
   * have died in between: what is not answered again stays where it has not begun to go.
   */
  List<Long> surplusOn(int server, List<Candidate> prompt) {
    List<Long> chunks = new ArrayList<>();
    chosen
        .entrySet()
        .removeIf(
            e ->
                e.getValue().server() == server
                    && !(holdsGood(e.getKey(), server) && isSpare(e.getKey(), server, prompt)));
    chosen.forEach(
        (chunk, going) -> {
          if (going.server() == server) {
            chunks.add(chunk);
          }
        });
    return chunks;
  }

  /** Bad and stale replicas of the server that others stand in for. */
  List<Long> unfitOn(int server, List<Candidate> prompt) {
    List<Long> chunks = replicas.unfitOn(server, MOST);
    chunks.removeIf(chunk -> !isSpare(chunk, server, prompt));
    return chunks;
  }
}
