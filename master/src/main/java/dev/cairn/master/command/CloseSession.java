package dev.cairn.master.command;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.SessionDecider;
import dev.cairn.master.log.Command;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.CloseSessionReply;
import dev.cairn.rpc.proto.CloseSessionRequest;

/** Ends a session whose client wants it to end. */
public final class CloseSession implements Command<CloseSessionReply> {

  private final CloseSessionRequest request;

  public CloseSession(CloseSessionRequest request) {
    this.request = request;
  }

  @Override
  public Decision<CloseSessionReply> decide(MetadataView view, long now) throws CairnException {
    SessionDecider.require(view, request.getSessionId(), request.getEpoch());
    return new Decision<>(
        SessionDecider.end(view, request.getSessionId()).records(),
        CloseSessionReply.getDefaultInstance());
  }
}
