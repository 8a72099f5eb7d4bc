package dev.cairn.master.command;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.LeaseDecider;
import dev.cairn.master.log.Command;
import dev.cairn.master.session.LiveLeases;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.TakeLeaseReply;
import dev.cairn.rpc.proto.TakeLeaseRequest;

/** Gives a session the lease of a file that no other session writes to. */
public final class TakeLease implements Command<TakeLeaseReply> {

  private final LeaseDecider leasing;
  private final LiveLeases leases;
  private final LiveSessions sessions;
  private final Time time;
  private final TakeLeaseRequest request;

  public TakeLease(
      LeaseDecider leasing,
      LiveLeases leases,
      LiveSessions sessions,
      Time time,
      TakeLeaseRequest request) {
    this.leasing = leasing;
    this.leases = leases;
    this.sessions = sessions;
    this.time = time;
    this.request = request;
  }

  @Override
  public Decision<TakeLeaseReply> decide(MetadataView view, long now) throws CairnException {
    long session = request.getContext().getSessionId();
    leases.checkMayTake(session, request.getInode());
    return leasing.take(
        view, request, inode -> sessions.refuseOtherWriters(inode, session, time.ticks()), now);
  }
}
