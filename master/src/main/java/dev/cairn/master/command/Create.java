package dev.cairn.master.command;

import dev.cairn.master.decide.CreateDecider;
import dev.cairn.master.decide.Decision;
import dev.cairn.master.log.Command;
import dev.cairn.master.session.LiveSession;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.EntryReply;

/** Makes an inode, which its session may open at once. */
public final class Create implements Command<EntryReply> {

  private final CreateDecider creating;
  private final LiveSessions sessions;
  private final CreateRequest request;

  public Create(CreateDecider creating, LiveSessions sessions, CreateRequest request) {
    this.creating = creating;
    this.sessions = sessions;
    this.request = request;
  }

  @Override
  public Decision<EntryReply> decide(MetadataView view, long now) throws CairnException {
    LiveSession session = sessions.get(request.getContext().getSessionId());
    if (request.getOpen() && session != null) {
      session.checkMayOpen();
    }
    return creating.create(view, request, now);
  }

  /** Counts the inode as open, before anybody can look for orphans that nobody has open. */
  @Override
  public void granted(EntryReply reply) {
    LiveSession session = sessions.get(request.getContext().getSessionId());
    if (request.getOpen() && session != null) {
      session.opened(reply.getAttributes().getInode());
      if (reply.getCreated()) {
        session.write(reply.getAttributes().getInode());
      }
    }
  }
}
