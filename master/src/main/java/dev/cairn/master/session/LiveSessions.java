package dev.cairn.master.session;

import dev.cairn.master.decide.SessionDecider;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** All sessions there are. */
public final class LiveSessions {

  private final Map<Long, LiveSession> sessions = new ConcurrentHashMap<>();
  private final OpenFileCount openFiles = new OpenFileCount(OpenFileCount.MOST);
  private final long timeToLiveNanos;
  private final long graceNanos;
  private volatile long graceEndTicks;

  /** Takes over the sessions of a master that stopped, as if heard of just now. */
  public LiveSessions(MetadataView view, SessionSettings settings, long nowTicks) {
    this.timeToLiveNanos = settings.timeToLive().toNanos();
    this.graceNanos = settings.grace().toNanos();
    this.graceEndTicks = nowTicks + graceNanos;
    view.sessions(
        row -> {
          long id = row.getId();
          long highest = view.replyWindow(id).last();
          sessions.put(id, new LiveSession(row, openFiles, nowTicks, false, highest));
        });
  }

  /** The master listens from now on: before, nobody could make himself heard. */
  public void listening(long nowTicks) {
    graceEndTicks = nowTicks + graceNanos;
    sessions.values().forEach(session -> session.heard(nowTicks));
  }

  /** Until when none of the sessions that were taken over ends. */
  long graceEndTicks() {
    return graceEndTicks;
  }

  /** Follows the state: the session is there now. */
  public void opened(Session row, long nowTicks) {
    sessions.put(row.getId(), new LiveSession(row, openFiles, nowTicks, true, 0));
  }

  /** Follows the state: the session is gone. */
  public void ended(long id) {
    LiveSession ended = sessions.remove(id);
    if (ended != null) {
      ended.ended();
    }
  }

  /**
   * The session, which has just been heard of, for a request it makes. Refuses one that does not
   * exist, and for now one that has not come back to this master yet.
   */
  public LiveSession heard(long id, long epoch, long nowTicks) throws CairnException {
    LiveSession session = alive(id, epoch, nowTicks);
    if (!session.isBack()) {
      throw ErrorCode.STARTING.because(
          "the master has started anew, and session " + id + " has not said yet what it has open");
    }
    return session;
  }

  /** The session, which has just been heard of; refuses one that does not exist. */
  public LiveSession alive(long id, long epoch, long nowTicks) throws CairnException {
    LiveSession session = sessions.get(id);
    if (session == null || session.epoch() != epoch) {
      throw SessionDecider.expired(id);
    }
    session.heard(nowTicks);
    return session;
  }

  /** The session, or null. */
  public LiveSession get(long id) {
    return sessions.get(id);
  }

  public Collection<LiveSession> all() {
    return sessions.values();
  }

  /** Those that have not been heard of for the time to live, once the grace is over. */
  public List<LiveSession> silent(long nowTicks) {
    List<LiveSession> silent = new ArrayList<>();
    for (LiveSession session : sessions.values()) {
      if (isSilent(session, nowTicks)) {
        silent.add(session);
      }
    }
    return silent;
  }

  public boolean isSilent(LiveSession session, long nowTicks) {
    return nowTicks > graceEndTicks && nowTicks - session.heardTicks() > timeToLiveNanos;
  }

  /** Whether it is known what is open. */
  public boolean openFilesKnown(long nowTicks) {
    return nowTicks > graceEndTicks || sessions.values().stream().allMatch(LiveSession::isBack);
  }

  /**
   * Refuses when another session than the given one has the inode open for writing, or may have.
   */
  public void refuseOtherWriters(long inode, long besides, long nowTicks) throws CairnException {
    for (LiveSession session : sessions.values()) {
      if (session.id() != besides && session.writes(inode)) {
        throw ErrorCode.WRITTEN_ELSEWHERE.because(
            session.description() + " has the file open for writing");
      }
    }
    if (!openFilesKnown(nowTicks)) {
      throw ErrorCode.STARTING.because(
          "the master has just started and waits to hear what clients have open");
    }
  }

  /** The session lost its lease of the inode: what it has open there cannot be written to. */
  public void leaseLost(long id, long inode) {
    LiveSession session = sessions.get(id);
    if (session != null) {
      session.notWritten(inode);
    }
  }

  /** Whether a session has a grant of the chunk, and may commit it. */
  public boolean mayCommit(MetadataView view, long chunk) {
    for (LiveSession session : sessions.values()) {
      if (view.grantOf(session.id(), chunk) != null) {
        return true;
      }
    }
    return false;
  }

  public boolean isOpen(long inode) {
    for (LiveSession session : sessions.values()) {
      if (session.hasOpen(inode)) {
        return true;
      }
    }
    return false;
  }
}
