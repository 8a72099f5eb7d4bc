package dev.cairn.rpc.admission;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All connections of a server. Their number is bounded, in all and for each address. When one more
 * comes, another one is closed for it: one that has never made a request first, the oldest of them;
 * then the one that has been idle for the longest time. So idle connections never keep anybody out.
 * A connection that makes no request within seconds, and one that is idle for a minute, is closed
 * in any case. Safe for any thread.
 */
public final class ServedPeers {

  /** How long a new connection may take for its first whole request. */
  static final Duration TO_SPEAK = Duration.ofSeconds(5);

  /** How long a connection without a request under way is kept. Clients send heartbeats. */
  static final Duration IDLE = Duration.ofMinutes(1);

  private final int most;
  private final int mostOfAddress;

  // Guarded by this, in the order of their coming.
  private final Set<ServedPeer> all = new LinkedHashSet<>();
  private final Map<InetAddress, Set<ServedPeer>> byAddress = new HashMap<>();

  public ServedPeers(int most, int mostOfAddress) {
    this.most = most;
    this.mostOfAddress = mostOfAddress;
  }

  /**
   * Takes a new connection on, if need be in place of another one.
   *
   * @param disconnect closes the connection, without waiting for that
   */
  public ServedPeer admit(InetAddress address, Runnable disconnect, long nowNanos)
      throws CairnException {
    ServedPeer peer = new ServedPeer(address, disconnect, nowNanos);
    List<ServedPeer> closed = new ArrayList<>();
    synchronized (this) {
      Set<ServedPeer> neighbours = byAddress.getOrDefault(address, Set.of());
      if (neighbours.size() >= mostOfAddress) {
        closed.add(removed(expendable(neighbours)));
      }
      if (all.size() >= most) {
        closed.add(removed(expendable(all)));
      }
      all.add(peer);
      byAddress.computeIfAbsent(address, key -> new LinkedHashSet<>()).add(peer);
    }
    closed.forEach(ServedPeer::disconnect);
    return peer;
  }

  private static ServedPeer expendable(Collection<ServedPeer> peers) throws CairnException {
    ServedPeer idlest = null;
    for (ServedPeer peer : peers) {
      if (!peer.hasSpoken()) {
        return peer;
      }
      boolean more = idlest == null || peer.lastNanos() - idlest.lastNanos() < 0;
      if (more && !peer.isWaitedFor()) {
        idlest = peer;
      }
    }
    if (idlest == null) {
      throw ErrorCode.OVERLOADED.because(
          "all " + peers.size() + " connections there may be have requests under way");
    }
    return idlest;
  }

  private ServedPeer removed(ServedPeer peer) {
    all.remove(peer);
    Set<ServedPeer> neighbours = byAddress.get(peer.address());
    if (neighbours != null && neighbours.remove(peer) && neighbours.isEmpty()) {
      byAddress.remove(peer.address());
    }
    return peer;
  }

  /** The connection is closed. */
  public synchronized void gone(ServedPeer peer) {
    removed(peer);
  }

  /** Closes what has not spoken in time, or is idle for long. */
  public void closeIdle(long nowNanos) {
    List<ServedPeer> idle;
    synchronized (this) {
      idle = all.stream().filter(peer -> isIdle(peer, nowNanos)).toList();
      idle.forEach(this::removed);
    }
    idle.forEach(ServedPeer::disconnect);
  }

  private static boolean isIdle(ServedPeer peer, long nowNanos) {
    Duration allowed = peer.hasSpoken() ? IDLE : TO_SPEAK;
    return !peer.isWaitedFor() && nowNanos - peer.lastNanos() > allowed.toNanos();
  }

  /** Connections that are open now. */
  public synchronized int count() {
    return all.size();
  }
}
