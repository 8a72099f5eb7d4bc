package dev.cairn.master.state;

/**
 * Which of a session's requests have replies that are kept.
 *
 * @param first the client has the replies to all requests before this one, and none is kept
 * @param last none is kept behind this one; 0 when there is none
 */
public record ReplyWindow(long first, long last) {

  /** That of a session without requests. */
  static final ReplyWindow NEW = new ReplyWindow(1, 0);

  ReplyWindow stored(long sequence) {
    return new ReplyWindow(first, Math.max(last, sequence));
  }

  ReplyWindow forgottenBelow(long sequence) {
    return new ReplyWindow(Math.max(first, sequence), last);
  }
}
