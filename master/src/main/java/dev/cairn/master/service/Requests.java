package dev.cairn.master.service;

import com.google.protobuf.Message;
import dev.cairn.master.command.SessionCommand;
import dev.cairn.master.log.Command;
import dev.cairn.master.log.Writer;
import dev.cairn.master.session.LiveSession;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.RequestContext;
import io.grpc.stub.StreamObserver;

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
      session.numbers().heard(context);
    } catch (CairnException e) {
      Calls.refuse(call, e);
      return;
    }
    writer.submit(
        session.id(), new SessionCommand<>(context, prototype, command), Calls.answering(call));
  }
}
