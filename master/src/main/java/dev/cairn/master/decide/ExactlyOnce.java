package dev.cairn.master.decide;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.RepliesForgotten;
import dev.cairn.master.record.proto.StoredReply;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.ReplyWindow;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.RequestContext;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a change that a session asks for once, however often the session asks: the reply is stored
 * with the change, and a repetition gets that reply. A later request that says that the client has
 * the reply has it forgotten.
 */
public final class ExactlyOnce {

  /** How far a request may be ahead of the first reply that its client may not have. */
  public static final long MOST_REPLIES_KEPT = 1 << 16;

  /** So that one request never has to forget more than a moment's worth; later ones go on. */
  private static final long MOST_FORGOTTEN_AT_ONCE = 4096;

  /** A change that was not made before. */
  public interface Change<R> {
    Decision<R> decide() throws CairnException;
  }

  private ExactlyOnce() {}

  /**
   * Decides a request.
   *
   * @param prototype of the reply
   */
  public static <R extends Message> Decision<R> decide(
      MetadataView view, RequestContext context, R prototype, Change<R> change)
      throws CairnException {
    SessionDecider.require(view, context.getSessionId(), context.getEpoch());
    ReplyWindow kept = view.replyWindow(context.getSessionId());
    if (context.getSequence() <= kept.last()) {
      R repeated = repeated(view, context, prototype);
      if (repeated != null) {
        return Decision.replyOnly(repeated);
      }
    }
    requireUnanswered(kept, context);
    requireRoom(kept, context);
    Decision<R> decision = change.decide();
    List<Record> records = new ArrayList<>(decision.records());
    records.add(store(context, decision.reply()));
    RepliesForgotten forgotten = forget(view, context, kept.first());
    if (forgotten != null) {
      records.add(Record.newBuilder().setRepliesForgotten(forgotten).build());
    }
    return new Decision<>(records, decision.reply());
  }

  /** The reply that was given to this very request before, or null. */
  @SuppressWarnings("unchecked")
  private static <R extends Message> R repeated(
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

  /** Refuses a request whose answer the client has, as it said itself. */
  private static void requireUnanswered(ReplyWindow kept, RequestContext context)
      throws CairnException {
    if (context.getSequence() < kept.first()) {
      throw SessionDecider.contradiction(context.getSessionId(), context.getSequence());
    }
  }

  /**
   * Refuses a request that is too far ahead of a reply which the client does not have yet, until a
   * request says that its client has more of the replies.
   */
  private static void requireRoom(ReplyWindow kept, RequestContext context) throws CairnException {
    long firstKept = Math.max(kept.first(), context.getAnsweredBelow());
    if (context.getSequence() - firstKept > MOST_REPLIES_KEPT) {
      throw ErrorCode.OVERLOADED.because(
          "the master keeps the replies to at most "
              + MOST_REPLIES_KEPT
              + " requests of a session, and session "
              + context.getSessionId()
              + " has not said that it has that to request "
              + firstKept);
    }
  }

  /** Keeps the reply for the case that the request comes again. */
  private static Record store(RequestContext context, Message reply) {
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
   * Forgets replies from the given one on that the client has; null when there are none. When there
   * is more than a step between the given one and the client's, numbers without a reply are passed
   * over: each step then forgets at least as many as its own request adds.
   *
   * @param from the first that may be kept
   */
  private static RepliesForgotten forget(MetadataView view, RequestContext context, long from) {
    long below = Math.min(context.getAnsweredBelow(), context.getSequence());
    if (below <= from) {
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
