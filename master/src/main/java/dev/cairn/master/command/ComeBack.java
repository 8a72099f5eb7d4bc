package dev.cairn.master.command;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.SessionDecider;
import dev.cairn.master.log.Command;
import dev.cairn.master.session.LiveSession;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.KeepAliveRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a session say what it has open, after a start of the master. Ends it when it was granted what
 * this master has no record of.
 */
public final class ComeBack implements Command<ComeBack.Outcome> {

  private static final Logger log = LoggerFactory.getLogger(ComeBack.class);

  /** What came of it. */
  public enum Outcome {
    /** The session is as it was, and has said what it has open. */
    BACK,
    /** The request was for the master before its start; the session has to say it again. */
    LATE,
    ENDED
  }

  private final LiveSessions sessions;
  private final long incarnation;
  private final KeepAliveRequest request;

  /**
   * Makes the command.
   *
   * @param incarnation of this master
   */
  public ComeBack(LiveSessions sessions, long incarnation, KeepAliveRequest request) {
    this.sessions = sessions;
    this.incarnation = incarnation;
    this.request = request;
  }

  @Override
  public Decision<Outcome> decide(MetadataView view, long now) throws CairnException {
    long id = request.getSessionId();
    SessionDecider.require(view, id, request.getEpoch());
    LiveSession session = sessions.get(id);
    if (session == null || request.getMasterIncarnation() != incarnation) {
      return Decision.replyOnly(Outcome.LATE);
    }
    if (session.isBack() || SessionDecider.remembers(view, request)) {
      session.checkMayComeBack(request.getOpenInodesCount());
      return Decision.replyOnly(Outcome.BACK);
    }
    return new Decision<>(SessionDecider.end(view, id).records(), Outcome.ENDED);
  }

  @Override
  public void granted(Outcome outcome) {
    LiveSession session = sessions.get(request.getSessionId());
    if (session == null) {
      return;
    }
    switch (outcome) {
      case BACK -> session.back(request.getOpenInodesList(), request.getWrittenInodesList());
      case LATE -> {}
      case ENDED ->
          log.warn(
              "session {} of {} is ended: the end of the master's log is lost, and with it what was"
                  + " answered to this client",
              session.id(),
              session.description());
    }
  }
}
