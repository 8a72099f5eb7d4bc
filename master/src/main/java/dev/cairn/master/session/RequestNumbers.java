package dev.cairn.master.session;

import dev.cairn.master.decide.SessionDecider;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.RequestContext;

/**
 * The numbers of a session's requests that were heard. Safe for any thread.
 *
 * <p>A request whose numbers contradict those that were heard is refused as one of an expired
 * session: its client opens another one and goes on there. It changes nothing here, so that the
 * session's own client is not harmed by a request that a stranger made in its name.
 */
public final class RequestNumbers {

  /** How far a request may be ahead of all others: never are so many under way. */
  private static final long MOST_AHEAD = 1 << 20;

  /** The same for the first request after a start of the master, before which more were refused. */
  private static final long MOST_AHEAD_AFTER_START = 1L << 40;

  private final long session;
  private long highest;
  private long mostAhead;

  /**
   * Those of a session.
   *
   * @param isNew whether the session was opened at this master, which hears all of its requests
   * @param highest that is known to have been heard
   */
  RequestNumbers(long session, boolean isNew, long highest) {
    this.session = session;
    this.highest = highest;
    this.mostAhead = isNew ? MOST_AHEAD : MOST_AHEAD_AFTER_START;
  }

  /**
   * Takes the numbers of a request.
   *
   * @throws CairnException {@code SESSION_EXPIRED} when they contradict what is known
   */
  public synchronized void heard(RequestContext request) throws CairnException {
    long sequence = request.getSequence();
    long answeredBelow = request.getAnsweredBelow();
    if (sequence < 1
        || answeredBelow < 0
        || answeredBelow > sequence
        || sequence - highest > mostAhead) {
      throw SessionDecider.contradiction(session, sequence);
    }
    highest = Math.max(highest, sequence);
    mostAhead = MOST_AHEAD;
  }
}
