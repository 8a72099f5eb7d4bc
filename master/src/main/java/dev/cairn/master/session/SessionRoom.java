package dev.cairn.master.session;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.function.LongPredicate;

/**
 * Bounds the number of sessions, in all and from each address. When one more is opened, another one
 * ends for it: of those that hold nothing, the one that has been silent for the longest time. Its
 * client loses nothing, since it opens a new session with its next request. For the writer's
 * thread.
 */
public final class SessionRoom {

  /** Most sessions. */
  public static final int MOST = 8192;

  /** Most sessions from one address. */
  static final int MOST_OF_ADDRESS = 2048;

  private final LiveSessions sessions;
  private final LiveLocks locks;
  private final LiveLeases leases;
  private final int most;
  private final int mostOfAddress;

  public SessionRoom(LiveSessions sessions, LiveLocks locks, LiveLeases leases) {
    this(sessions, locks, leases, MOST, MOST_OF_ADDRESS);
  }

  SessionRoom(
      LiveSessions sessions, LiveLocks locks, LiveLeases leases, int most, int mostOfAddress) {
    this.sessions = sessions;
    this.locks = locks;
    this.leases = leases;
    this.most = most;
    this.mostOfAddress = mostOfAddress;
  }

  /**
   * The session that has to end before one more can be opened from the address; null when there is
   * room. Refuses the new one where all there are hold something.
   *
   * @param ending whether the end of the session is decided, and yet to be followed here
   */
  public LiveSession expendable(String address, LongPredicate ending) throws CairnException {
    boolean full = sessions.all().size() >= most;
    int neighbours = 0;
    LiveSession silentest = null;
    for (LiveSession session : sessions.all()) {
      boolean neighbour = session.address().equals(address);
      neighbours += neighbour ? 1 : 0;
      boolean more = silentest == null || session.heardTicks() - silentest.heardTicks() < 0;
      boolean chosen = more && (full || neighbour) && !holdsSomething(session);
      if (chosen && !ending.test(session.id())) {
        silentest = session;
      }
    }
    if (!full && neighbours < mostOfAddress) {
      return null;
    }
    if (silentest == null) {
      throw ErrorCode.TOO_MANY_SESSIONS.because(
          "there are %d sessions, %d of them from %s, and none can be opened more"
              .formatted(sessions.all().size(), neighbours, address));
    }
    return silentest;
  }

  private boolean holdsSomething(LiveSession session) {
    return !session.isBack()
        || session.openCount() > 0
        || locks.count(session.id()) > 0
        || leases.count(session.id()) > 0;
  }
}
