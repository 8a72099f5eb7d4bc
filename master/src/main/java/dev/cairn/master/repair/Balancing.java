package dev.cairn.master.repair;

import dev.cairn.master.fleet.Candidate;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.replica.ReplicaProperty;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.SizeInBytes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has replicas moved for balance, with bounded traffic: a copy is ordered as for repair, and the
 * replica that is then too many goes by the same way as any other. For one thread at a time.
 */
final class Balancing {

  private static final Logger log = LoggerFactory.getLogger(Repairs.class);
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MOST_SECONDS_SAVED = 2;

  /** A move that is not complete. */
  private record Moving(int from, int length) {}

  private final long bytesPerSecond;
  private final ReplicaMap replicas;
  private final Spares spares;
  private final OrderBook book;
  private final MetadataView latest;
  private final Map<Long, Moving> moving = new HashMap<>();
  private ChunkQueue queue = new ChunkQueue();
  private volatile boolean uneven;
  private boolean working;
  // So many parts of all chunks, one after the other, had none to be moved.
  private int partsInVain;
  private double mayOrder;
  private long orderedTicks;
  private long moved;
  private long movedBytes;

  /**
   * @param bytesPerSecond that may be moved in the whole cluster; 0: nothing is
   */
  Balancing(
      long bytesPerSecond,
      ReplicaMap replicas,
      Spares spares,
      OrderBook book,
      MetadataView latest) {
    this.bytesPerSecond = bytesPerSecond;
    this.replicas = replicas;
    this.spares = spares;
    this.book = book;
    this.latest = latest;
  }

  /** What a survey looks for. */
  Unbalanced lookFor(List<Candidate> servers, ReplicaProperty counted) {
    return bytesPerSecond == 0
        ? new Unbalanced(List.of(), counted, false)
        : new Unbalanced(servers, counted, Balance.isUneven(servers, uneven));
  }

  /** A survey is done; what it found waits for {@link #order}. */
  void surveyed(Unbalanced found) {
    uneven = found.isUneven();
    queue = found.chunks();
    boolean inVain = queue.isEmpty() && found.parts() > 0;
    partsInVain = inVain ? Math.min(partsInVain + found.parts(), ReplicaMap.PARTS) : 0;
    moving
        .entrySet()
        .removeIf(
            e -> {
              boolean gone = !replicas.holds(e.getKey(), e.getValue().from());
              if (gone) {
                moved++;
                movedBytes += e.getValue().length();
              }
              return gone || !(book.has(e.getKey()) || spares.isChosen(e.getKey()));
            });
    boolean nothingLeft = !found.isNeeded() || partsInVain == ReplicaMap.PARTS;
    if (working && queue.isEmpty() && nothingLeft && moving.isEmpty()) {
      working = false;
      log.info("rebalancing is over: {} replicas, {}", moved, SizeInBytes.show(movedBytes));
    }
  }

  /** Whether moves are under way, or will be. */
  boolean isBusy() {
    return working || !queue.isEmpty();
  }

  private void began() {
    if (!working) {
      working = true;
      moved = 0;
      movedBytes = 0;
      log.info("rebalancing begins: chunk servers are filled unevenly, or zones are not used");
    }
  }

  /** Orders moves, as far as the bound on traffic allows. */
  void order(List<Candidate> servers, long nowTicks) {
    double seconds = (nowTicks - orderedTicks) / NANOS_PER_SECOND;
    orderedTicks = nowTicks;
    mayOrder = Math.min(MOST_SECONDS_SAVED * bytesPerSecond, mayOrder + seconds * bytesPerSecond);
    // A chunk larger than what may be ordered now is waited for afterwards.
    while (!queue.isEmpty() && mayOrder > 0) {
      long chunk = queue.take();
      ChunkRow row = book.has(chunk) ? null : latest.chunk(chunk);
      boolean free = !moving.containsKey(chunk) && !spares.isChosen(chunk);
      if (row != null && row.sealed() && free) {
        mayOrder -= order(chunk, row, servers);
      }
    }
  }

  /** Answers the bytes that are ordered to be copied. */
  private int order(long chunk, ChunkRow row, List<Candidate> servers) {
    List<Candidate> now = asTheyWillBe(servers);
    List<Candidate> holders = spares.goodHolders(chunk, now);
    if (holders.size() != row.replicas()) {
      return 0;
    }
    List<Candidate> others = new ArrayList<>(now);
    others.removeIf(server -> replicas.holds(chunk, server.server()));
    Optional<Balance.Move> move = Balance.move(holders, others, row.length(), uneven);
    if (move.isEmpty()) {
      return 0;
    }
    List<Integer> sources = new ArrayList<>();
    holders.forEach(holder -> sources.add(holder.server()));
    sources.sort(Comparator.comparingLong(book::bytesFrom));
    book.add(
        new OrderBook.Order(chunk, row.length(), move.get().to(), false, List.copyOf(sources)));
    began();
    moving.put(chunk, new Moving(move.get().from(), row.length()));
    return row.length();
  }

  /** The servers with what is ordered already done. */
  private List<Candidate> asTheyWillBe(List<Candidate> servers) {
    Map<Integer, Long> leaving = new HashMap<>();
    moving.values().forEach(m -> leaving.merge(m.from(), (long) m.length(), Long::sum));
    List<Candidate> then = new ArrayList<>(servers.size());
    for (Candidate server : servers) {
      int id = server.server();
      then.add(server.withFreed(leaving.getOrDefault(id, 0L) - book.bytesTo(id)));
    }
    return then;
  }
}
