package dev.cairn.master.session;

import dev.cairn.master.record.proto.Lease;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.LongTable;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.HeldLease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * How long each lease has left, by a clock that does not jump. A session's lease is renewed by the
 * heartbeats that name it: one whose client never heard that it has it ends with its term. After a
 * start of the master none is over before a silent session would be. Safe for any thread.
 */
public final class LiveLeases {

  /** Most leases of one session: each of its heartbeats names them all. */
  public static final int MOST_OF_SESSION = 4096;

  /** Most leases. */
  static final int MOST_OF_ALL = 65_536;

  /** A lease, and when its term began or would have had to begin to end when it does. */
  private record Live(Lease row, long sinceTicks) {}

  private final Map<Long, Live> byInode = new ConcurrentHashMap<>();
  private final LiveSessions sessions;

  /** How many leases each session has. For the writer's thread. */
  private final LongTable bySession = new LongTable();

  /** Takes over the leases of a master that stopped. */
  public LiveLeases(MetadataView view, LiveSessions sessions, long now, long nowTicks) {
    this.sessions = sessions;
    view.leasesFrom(
        0,
        lease -> {
          long left = Math.min(lease.getExpiresAt() - now, term(lease));
          long since = lease.getSession() != 0 ? nowTicks : nowTicks + left - term(lease);
          put(lease, since);
          return true;
        });
  }

  private static long term(Lease lease) {
    return TimeUnit.MILLISECONDS.toNanos(lease.getTermMillis());
  }

  private void put(Lease lease, long sinceTicks) {
    uncount(byInode.put(lease.getInode(), new Live(lease, sinceTicks)));
    if (lease.getSession() != 0) {
      int slot = bySession.findOrAdd(lease.getSession());
      bySession.value(slot, bySession.value(slot) + 1);
    }
  }

  private void uncount(Live ended) {
    int slot = ended == null ? LongTable.NONE : bySession.find(ended.row().getSession());
    if (slot == LongTable.NONE) {
      return;
    }
    bySession.value(slot, bySession.value(slot) - 1);
    if (bySession.value(slot) == 0) {
      bySession.remove(slot);
    }
  }

  /** How many leases the session has. For the writer's thread. */
  long count(long session) {
    int slot = bySession.find(session);
    return slot == LongTable.NONE ? 0 : bySession.value(slot);
  }

  /** Refuses the session one more lease than there may be. For the writer's thread. */
  public void checkMayTake(long session, long inode) throws CairnException {
    Live live = byInode.get(inode);
    if (live != null && live.row().getSession() == session) {
      return;
    }
    if (count(session) >= MOST_OF_SESSION) {
      throw ErrorCode.NO_LOCKS.because(
          "session " + session + " has " + count(session) + " leases, and gets no more");
    }
    if (byInode.size() >= MOST_OF_ALL) {
      throw ErrorCode.NO_LOCKS.because(
          "clients have " + byInode.size() + " leases, and there can be no more");
    }
  }

  /** Follows the state: this is the lease of its file now. */
  public void taken(Lease lease, long nowTicks) {
    put(lease, nowTicks);
  }

  /** Follows the state: nobody has a lease of the file. */
  public void ended(long inode) {
    uncount(byInode.remove(inode));
  }

  /** The session says that it has the lease: its term begins anew. */
  public void renewed(long session, HeldLease lease, long nowTicks) {
    byInode.computeIfPresent(
        lease.getInode(),
        (inode, live) ->
            live.row().getSession() == session && live.row().getId() == lease.getLease()
                ? new Live(live.row(), Math.max(live.sinceTicks(), nowTicks))
                : live);
  }

  public int count() {
    return byInode.size();
  }

  /** Whether the lease is in force. */
  public boolean isInForce(long inode, long id) {
    Live live = byInode.get(inode);
    return live != null && live.row().getId() == id;
  }

  /** What is left of the term of the file's lease. */
  public Duration left(long inode, long nowTicks) {
    Live live = byInode.get(inode);
    return live == null ? Duration.ZERO : Duration.ofNanos(Math.max(0, leftNanos(live, nowTicks)));
  }

  private long leftNanos(Live live, long nowTicks) {
    return Math.max(live.sinceTicks() + term(live.row()), sessions.graceEndTicks()) - nowTicks;
  }

  /** The leases whose term is over. */
  public List<Lease> over(long nowTicks) {
    List<Lease> over = new ArrayList<>();
    byInode.forEach(
        (inode, live) -> {
          if (leftNanos(live, nowTicks) <= 0) {
            over.add(live.row());
          }
        });
    return over;
  }

  /** Whether this very lease's term is over. */
  public boolean isOver(Lease lease, long nowTicks) {
    Live live = byInode.get(lease.getInode());
    return live != null && live.row().getId() == lease.getId() && leftNanos(live, nowTicks) <= 0;
  }
}
