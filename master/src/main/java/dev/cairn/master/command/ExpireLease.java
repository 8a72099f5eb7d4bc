package dev.cairn.master.command;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.LeaseDecider;
import dev.cairn.master.log.Command;
import dev.cairn.master.record.proto.Lease;
import dev.cairn.master.session.LiveLeases;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.proto.EndLeaseReply;

/** Ends a lease, unless it was renewed or given back while this waited for its turn. */
public final class ExpireLease implements Command<EndLeaseReply> {

  private final LiveLeases leases;
  private final LiveSessions sessions;
  private final Time time;
  private final Lease lease;

  public ExpireLease(LiveLeases leases, LiveSessions sessions, Time time, Lease lease) {
    this.leases = leases;
    this.sessions = sessions;
    this.time = time;
    this.lease = lease;
  }

  @Override
  public Decision<EndLeaseReply> decide(MetadataView view, long now) {
    return leases.isOver(lease, time.ticks())
        ? LeaseDecider.end(view, lease)
        : Decision.replyOnly(EndLeaseReply.getDefaultInstance());
  }

  @Override
  public void granted(EndLeaseReply ended) {
    sessions.leaseLost(ended.getSessionId(), lease.getInode());
  }
}
