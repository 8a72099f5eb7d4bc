package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.rpc.ShownText;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.KeepAliveRequest;
import dev.cairn.rpc.proto.RequestContext;
import java.util.ArrayList;
import java.util.List;

/** Opens and ends sessions. */
public final class SessionDecider {

  private static final int MAX_DESCRIPTION = 1000;

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

  /** What ends the session for its client, whose request cannot be one of its requests. */
  public static CairnException contradiction(long session, long sequence) {
    return ErrorCode.SESSION_EXPIRED.because(
        "request "
            + Long.toUnsignedString(sequence)
            + " of session "
            + session
            + " contradicts what the master has heard of it");
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
}
