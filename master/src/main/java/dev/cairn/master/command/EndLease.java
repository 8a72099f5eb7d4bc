package dev.cairn.master.command;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.LeaseDecider;
import dev.cairn.master.log.Command;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.proto.EndLeaseReply;

/** Takes the lease of a file from whoever has it. */
public final class EndLease implements Command<EndLeaseReply> {

  private final LiveSessions sessions;
  private final long inode;

  public EndLease(LiveSessions sessions, long inode) {
    this.sessions = sessions;
    this.inode = inode;
  }

  @Override
  public Decision<EndLeaseReply> decide(MetadataView view, long now) {
    return LeaseDecider.end(view, inode);
  }

  @Override
  public void granted(EndLeaseReply ended) {
    sessions.leaseLost(ended.getSessionId(), inode);
  }
}
