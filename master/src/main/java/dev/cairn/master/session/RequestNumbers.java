package dev.cairn.master.session;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.RequestContext;

/**
 * The numbers of a session's requests: which were heard, and whose replies are kept. For the
 * writer's thread.
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

  /** How far a request may be ahead of the first reply that its client may not have. */
  public static final long MOST_REPLIES_KEPT = 1 << 16;

  private final long session;
  private long firstReplyKept;
  private long lastReplyKept;
  private long highest;
  private long mostAhead;

  /**
   * Those of a session.
   *
   * @param isNew whether the session was opened at this master, which hears all of its requests
   */
  RequestNumbers(long session, boolean isNew, long firstReplyKept, long lastReplyKept) {
    this.session = session;
    this.firstReplyKept = firstReplyKept;
    this.lastReplyKept = lastReplyKept;
    this.highest = lastReplyKept;
    this.mostAhead = isNew ? MOST_AHEAD : MOST_AHEAD_AFTER_START;
  }

  /**
   * Takes the numbers of a request.
   *
   * @throws CairnException {@code SESSION_EXPIRED} when they contradict what is known
   */
  public void heard(RequestContext request) throws CairnException {
    long sequence = request.getSequence();
    long answeredBelow = request.getAnsweredBelow();
    if (sequence < 1
        || answeredBelow < 0
        || answeredBelow > sequence
        || sequence - highest > mostAhead) {
      throw contradiction(sequence);
    }
    highest = Math.max(highest, sequence);
    mostAhead = MOST_AHEAD;
  }

  /** Refuses a request whose answer the client has, as it said itself. */
  public void requireUnanswered(long sequence) throws CairnException {
    if (sequence < firstReplyKept) {
      throw contradiction(sequence);
    }
  }

  /**
   * Refuses a request that is too far ahead of a reply which the client does not have yet.
   *
   * @throws CairnException {@code OVERLOADED}, until a request says that its client has more of the
   *     replies
   */
  public void requireRoom(RequestContext request) throws CairnException {
    long firstKept = Math.max(firstReplyKept, request.getAnsweredBelow());
    if (firstReplyKept != 0 && request.getSequence() - firstKept > MOST_REPLIES_KEPT) {
      throw ErrorCode.OVERLOADED.because(
          "the master keeps the replies to at most "
              + MOST_REPLIES_KEPT
              + " requests of a session, and session "
              + session
              + " has not said that it has that to request "
              + firstKept);
    }
  }

  /** What ends the session for its client. */
  public CairnException contradiction(long sequence) {
    return ErrorCode.SESSION_EXPIRED.because(
        "request "
            + Long.toUnsignedString(sequence)
            + " of session "
            + session
            + " contradicts what the master has heard of it");
  }

  /** The first request whose reply may be kept; 0 when none is. */
  public long firstReplyKept() {
    return firstReplyKept;
  }

  /** Whether the request may be one whose reply is kept. */
  public boolean mayRepeat(long sequence) {
    return sequence <= lastReplyKept;
  }

  /** The request's reply is kept, and all before the given one are not. */
  public void replyKept(long sequence, long answeredBelow) {
    firstReplyKept = firstReplyKept == 0 ? Math.max(1, answeredBelow) : firstReplyKept;
    lastReplyKept = Math.max(lastReplyKept, sequence);
  }

  public void repliesForgottenBelow(long sequence) {
    firstReplyKept = Math.max(firstReplyKept, sequence);
  }
}
