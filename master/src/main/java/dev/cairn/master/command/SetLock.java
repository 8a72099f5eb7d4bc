package dev.cairn.master.command;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.LockDecider;
import dev.cairn.master.log.Command;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.session.LiveLocks;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.LockMode;
import dev.cairn.rpc.proto.SetLockReply;
import dev.cairn.rpc.proto.SetLockRequest;

/** Takes or releases a lock, within the bounds of how many a session may have. */
public final class SetLock implements Command<SetLockReply> {

  private final LockDecider locking;
  private final LiveLocks locks;
  private final SetLockRequest request;

  public SetLock(LockDecider locking, LiveLocks locks, SetLockRequest request) {
    this.locking = locking;
    this.locks = locks;
    this.request = request;
  }

  @Override
  public Decision<SetLockReply> decide(MetadataView view, long now) throws CairnException {
    long session = request.getContext().getSessionId();
    if (request.getLock().getMode() != LockMode.UNLOCKED) {
      locks.checkMayLock(session);
      return locking.set(view, request);
    }
    Decision<SetLockReply> released = locking.set(view, request);
    for (Record record : released.records()) {
      locks.checkMaySplit(session, record.getFileLocksChanged());
    }
    return released;
  }
}
