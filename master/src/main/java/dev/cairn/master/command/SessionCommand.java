package dev.cairn.master.command;

import com.google.protobuf.Message;
import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.ExactlyOnce;
import dev.cairn.master.log.Command;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.RequestContext;

/** A command in the name of a session, which is done once however often it comes. */
public final class SessionCommand<R extends Message> implements Command<R> {

  private final RequestContext context;
  private final R prototype;
  private final Command<R> command;

  /**
   * Makes the command.
   *
   * @param prototype of the reply
   * @param command that is decided unless it was before
   */
  public SessionCommand(RequestContext context, R prototype, Command<R> command) {
    this.context = context;
    this.prototype = prototype;
    this.command = command;
  }

  @Override
  public Decision<R> decide(MetadataView view, long now) throws CairnException {
    return ExactlyOnce.decide(view, context, prototype, () -> command.decide(view, now));
  }

  @Override
  public void granted(R reply) {
    command.granted(reply);
  }
}
