package dev.cairn.master.decide;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.RepliesForgotten;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.record.proto.StoredReply;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.rpc.ShownText;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.KeepAliveRequest;
import dev.cairn.rpc.proto.RequestContext;
import java.util.ArrayList;
import java.util.List;

/** Opens and ends sessions, and tells a request of a session from a repetition of it. */
public final class SessionDecider {

  private static final int MAX_DESCRIPTION = 1000;

  /** So that one request never has to forget more than a moment's worth; later ones go on. */
  private static final long MOST_FORGOTTEN_AT_ONCE = 4096;

  private SessionDecider() {}

  /**
   * Opens a session.
   *
   * @param user of a command, whose leases are its user's; empty otherwise
   * @param epoch a random number that nobody else can guess: who knows it may act for the session
   */
  public static Decision<Session> open(
      MetadataView view, String description, String user, long epoch) {
    Session session =
        Session.newBuilder()
            .setId(Math.max(1, view.number(Meta.NEXT_SESSION)))
            .setEpoch(epoch)
            .setDescription(shortened(description))
            .setUser(shortened(user))
            .build();
    return new Decision<>(List.of(Record.newBuilder().setSessionOpened(session).build()), session);
  }

  private static String shortened(String text) {
    return ShownText.of(text, MAX_DESCRIPTION);
  }

  /**
   * Ends a session if there still is one, and its locks and leases with it; its grants and replies
   * are cleared away later.
   */
  public static Decision<Boolean> end(MetadataView view, long session) {
    if (view.session(session) == null) {
      return Decision.replyOnly(false);
    }
    List<Record> records = new ArrayList<>();
    records.add(Record.newBuilder().setSessionEnded(session).build());
    records.addAll(LockDecider.endOfSession(view, session));
    records.addAll(LeaseDecider.endOfSession(view, session));
    return new Decision<>(records, true);
  }

  /** Refuses a request whose session is not (or no longer) there. */
  public static void require(MetadataView view, long id, long epoch) throws CairnException {
    Session session = view.session(id);
    if (session == null || session.getEpoch() != epoch) {
      throw expired(id);
    }
  }

  public static CairnException expired(long session) {
    return ErrorCode.SESSION_EXPIRED.because("session " + session + " has expired");
  }

  /** The reply that was given to this very request before, or null. */
  @SuppressWarnings("unchecked")
  public static <R extends Message> R repeated(
      MetadataView view, RequestContext context, R prototype) throws CairnException {
    byte[] stored = view.reply(context.getSessionId(), context.getSequence());
    if (stored == null) {
      return null;
    }
    try {
      return (R) prototype.getParserForType().parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw ErrorCode.SESSION_EXPIRED.because(
          "request "
              + context.getSequence()
              + " of session "
              + context.getSessionId()
              + " was another one before",
          e);
    }
  }

  /** Keeps the reply for the case that the request comes again. */
  public static Record store(RequestContext context, Message reply) {
    ByteString bytes = reply.toByteString();
    return Record.newBuilder()
        .setReplyStored(
            StoredReply.newBuilder()
                .setSession(context.getSessionId())
                .setSequence(context.getSequence())
                .setReply(bytes))
        .build();
  }

  /**
   * Whether all requests that were granted to the client, as far as it may be in doubt, are part of
   * the state: the log may have lost its end. A reply is not kept any more when a request that came
   * after the client had it, and that is part of the state, has had it forgotten.
   */
  public static boolean remembers(MetadataView view, KeepAliveRequest client) {
    long session = client.getSessionId();
    long forgottenBelow =
        client.getUnansweredRequestsList().stream()
            .filter(request -> view.reply(session, request.getSequence()) != null)
            .mapToLong(RequestContext::getAnsweredBelow)
            .max()
            .orElse(0);
    return client.getGrantedRequestsList().stream()
        .allMatch(granted -> granted < forgottenBelow || view.reply(session, granted) != null);
  }

  /**
   * Forgets replies from the given one on that the client has; null when there are none. When there
   * is more than a step between the given one and the client's, numbers without a reply are passed
   * over: each step then forgets at least as many as its own request adds.
   *
   * @param from the first that is kept; 0 when none is
   */
  public static RepliesForgotten forget(MetadataView view, RequestContext context, long from) {
    long below = Math.min(context.getAnsweredBelow(), context.getSequence());
    if (from == 0 || below <= from) {
      return null;
    }
    long first = from;
    if (below - from > MOST_FORGOTTEN_AT_ONCE) {
      long kept = view.firstReplyKept(context.getSessionId(), from);
      first = kept == 0 ? below : Math.min(kept, below);
    }
    return RepliesForgotten.newBuilder()
        .setSession(context.getSessionId())
        .setFrom(first)
        .setBelow(Math.min(below, first + MOST_FORGOTTEN_AT_ONCE))
        .build();
  }
}
