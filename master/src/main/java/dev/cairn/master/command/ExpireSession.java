package dev.cairn.master.command;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.SessionDecider;
import dev.cairn.master.log.Command;
import dev.cairn.master.session.LiveSession;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.time.Time;

/** Ends a session, unless it was heard of while this waited for its turn. */
public final class ExpireSession implements Command<Boolean> {

  private final LiveSessions sessions;
  private final Time time;
  private final LiveSession session;

  public ExpireSession(LiveSessions sessions, Time time, LiveSession session) {
    this.sessions = sessions;
    this.time = time;
    this.session = session;
  }

  @Override
  public Decision<Boolean> decide(MetadataView view, long now) {
    return sessions.isSilent(session, time.ticks())
        ? SessionDecider.end(view, session.id())
        : Decision.replyOnly(false);
  }
}
