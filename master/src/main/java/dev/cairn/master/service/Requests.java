package dev.cairn.master.service;

import com.google.protobuf.Message;
import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.SessionDecider;
import dev.cairn.master.log.Command;
import dev.cairn.master.log.Writer;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.RepliesForgotten;
import dev.cairn.master.session.LiveSession;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.session.RequestNumbers;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.RequestContext;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;

/**
 * Submits the changes that sessions ask for, so that each is made once however often it is asked.
 */
public final class Requests {

  private final Writer writer;
  private final LiveSessions sessions;
  private final Time time;

  public Requests(Writer writer, LiveSessions sessions, Time time) {
    this.writer = writer;
    this.sessions = sessions;
    this.time = time;
  }

  /** Has the command decided in the name of the context's session, and ends the call. */
  <R extends Message> void submit(
      RequestContext context, R prototype, Command<R> command, StreamObserver<R> call) {
    LiveSession session;
    try {
      session = sessions.heard(context.getSessionId(), context.getEpoch(), time.ticks());
    } catch (CairnException e) {
      Calls.refuse(call, e);
      return;
    }
    writer.submit(
        session.id(),
        new SessionCommand<>(session, context, prototype, command),
        Calls.answering(call));
  }

  /** A command that stores its reply, and answers a repetition with that. */
  private static final class SessionCommand<R extends Message> implements Command<R> {

    private final LiveSession session;
    private final RequestContext context;
    private final R prototype;
    private final Command<R> command;

    SessionCommand(LiveSession session, RequestContext context, R prototype, Command<R> command) {
      this.session = session;
      this.context = context;
      this.prototype = prototype;
      this.command = command;
    }

    @Override
    public Decision<R> decide(MetadataView view, long now) throws CairnException {
      SessionDecider.require(view, context.getSessionId(), context.getEpoch());
      RequestNumbers numbers = session.numbers();
      numbers.heard(context);
      if (numbers.mayRepeat(context.getSequence())) {
        R repeated = SessionDecider.repeated(view, context, prototype);
        if (repeated != null) {
          return Decision.replyOnly(repeated);
        }
      }
      numbers.requireUnanswered(context.getSequence());
      numbers.requireRoom(context);
      Decision<R> decision = command.decide(view, now);
      List<Record> records = new ArrayList<>(decision.records());
      records.add(SessionDecider.store(context, decision.reply()));
      RepliesForgotten forgotten = SessionDecider.forget(view, context, numbers.firstReplyKept());
      numbers.replyKept(context.getSequence(), context.getAnsweredBelow());
      if (forgotten != null) {
        numbers.repliesForgottenBelow(forgotten.getBelow());
        records.add(Record.newBuilder().setRepliesForgotten(forgotten).build());
      }
      return new Decision<>(records, decision.reply());
    }

    @Override
    public void granted(R reply) {
      command.granted(reply);
    }
  }
}
