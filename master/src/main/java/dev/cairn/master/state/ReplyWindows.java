package dev.cairn.master.state;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongFunction;

/**
 * The reply windows of sessions, kept at hand since every request asks. They follow from the rows,
 * those included that are decided and not committed yet: each record that is applied changes them
 * at once. When rows are dropped, all is forgotten here and read from the rows again. For one
 * thread.
 */
public final class ReplyWindows {

  private final Map<Long, ReplyWindow> bySession = new HashMap<>();

  /** The session's, by way of the rows when it is not at hand. */
  ReplyWindow of(long session, LongFunction<ReplyWindow> rows) {
    ReplyWindow known = bySession.get(session);
    if (known == null) {
      known = rows.apply(session);
      bySession.put(session, known);
    }
    return known;
  }

  void opened(long session) {
    bySession.put(session, ReplyWindow.NEW);
  }

  void ended(long session) {
    bySession.remove(session);
  }

  void stored(long session, long sequence) {
    bySession.computeIfPresent(session, (id, window) -> window.stored(sequence));
  }

  void forgottenBelow(long session, long sequence) {
    bySession.computeIfPresent(session, (id, window) -> window.forgottenBelow(sequence));
  }

  /** Forgets all: rows that were decided do not become part of the state. */
  public void clear() {
    bySession.clear();
  }
}
