package dev.cairn.master.state;

import dev.cairn.master.record.proto.Grant;
import dev.cairn.master.record.proto.GrantRange;
import dev.cairn.master.record.proto.RepliesForgotten;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.record.proto.StoredReply;
import dev.cairn.master.store.Layout;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Table;

/** What records do to sessions, to their replies and to their grants of chunk ids. */
final class SessionRows {

  private final Overlay rows;
  private final Counters counters;
  private final ReplyWindows windows;

  SessionRows(Overlay rows, Counters counters, ReplyWindows windows) {
    this.rows = rows;
    this.counters = counters;
    this.windows = windows;
  }

  boolean opened(Session session) {
    counters.raise(Meta.NEXT_SESSION, session.getId() + 1);
    rows.put(Table.SESSIONS, Layout.u64(session.getId()), session.toByteArray());
    keptFrom(session.getId(), ReplyWindow.NEW.first());
    windows.opened(session.getId());
    return true;
  }

  boolean ended(long session) {
    rows.delete(Table.SESSIONS, Layout.u64(session));
    windows.ended(session);
    return true;
  }

  boolean stored(StoredReply reply) {
    rows.put(
        Table.REPLIES,
        Layout.pair(reply.getSession(), reply.getSequence()),
        reply.getReply().toByteArray());
    windows.stored(reply.getSession(), reply.getSequence());
    return true;
  }

  boolean forgotten(RepliesForgotten replies) {
    for (long sequence = replies.getFrom(); sequence < replies.getBelow(); sequence++) {
      rows.delete(Table.REPLIES, Layout.pair(replies.getSession(), sequence));
    }
    if (!replies.getOfEndedSession()) {
      keptFrom(replies.getSession(), replies.getBelow());
      windows.forgottenBelow(replies.getSession(), replies.getBelow());
    }
    return true;
  }

  private void keptFrom(long session, long sequence) {
    rows.put(Table.REPLIES, Layout.pair(session, Layout.REPLIES_KEPT_FROM), Layout.u64(sequence));
  }

  boolean granted(Grant grant) {
    counters.raise(Meta.NEXT_CHUNK, grant.getFirst() + grant.getCount());
    rows.put(
        Table.GRANTS,
        key(grant.getSession(), grant.getFirst(), grant.getCount()),
        grant.toByteArray());
    return true;
  }

  boolean removed(GrantRange grant) {
    rows.delete(Table.GRANTS, key(grant.getSession(), grant.getFirst(), grant.getCount()));
    return true;
  }

  private static byte[] key(long session, long first, int count) {
    return Layout.pair(session, first + count - 1);
  }
}
