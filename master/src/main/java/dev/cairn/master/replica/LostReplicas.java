package dev.cairn.master.replica;

import java.time.Duration;
import java.util.Comparator;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Replicas that servers have said are gone, for as long as somebody else may still say that they
 * are there: a client names the servers that acknowledged a chunk when it commits it, which it may
 * do later, and again where it got no answer. Safe for any thread.
 *
 * <p>What there is no room for is forgotten, the lowest chunk ids first: what is yet to be
 * committed was granted last.
 */
final class LostReplicas {

  static final int MOST = 1 << 16;

  private static final Duration REQUESTS_REPEATED = Duration.ofSeconds(30);

  private record Replica(long chunk, int server) {}

  private final long kept;
  private NavigableSet<Replica> recent = none();

  /** Those told before the recent ones. */
  private NavigableSet<Replica> earlier = none();

  private long recentSinceTicks;

  /**
   * Makes one that knows of none.
   *
   * @param timeToLive how long a session lives without its client
   */
  LostReplicas(Duration timeToLive, long nowTicks) {
    this.kept = timeToLive.plus(REQUESTS_REPEATED).toNanos();
    this.recentSinceTicks = nowTicks;
  }

  private static NavigableSet<Replica> none() {
    return new TreeSet<>(
        Comparator.comparingLong(Replica::chunk).thenComparingInt(Replica::server));
  }

  /** The server has said that it has the chunk no longer. */
  synchronized void told(long chunk, int server, long nowTicks) {
    age(nowTicks);
    recent.add(new Replica(chunk, server));
    if (recent.size() > MOST) {
      recent.pollFirst();
    }
  }

  /** The server has the chunk (again), as it says itself. */
  synchronized void isThere(long chunk, int server) {
    if (!recent.isEmpty() || !earlier.isEmpty()) {
      Replica replica = new Replica(chunk, server);
      recent.remove(replica);
      earlier.remove(replica);
    }
  }

  /** Whether what others say of the replica is older than its loss. */
  synchronized boolean contains(long chunk, int server, long nowTicks) {
    age(nowTicks);
    Replica replica = new Replica(chunk, server);
    return recent.contains(replica) || earlier.contains(replica);
  }

  private void age(long nowTicks) {
    long passed = nowTicks - recentSinceTicks;
    if (passed >= kept) {
      earlier = passed < 2 * kept ? recent : none();
      recent = none();
      recentSinceTicks = nowTicks;
    }
  }
}
