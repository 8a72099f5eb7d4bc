package dev.cairn.master.service;

import dev.cairn.master.command.SetLock;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.decide.LockDecider;
import dev.cairn.master.session.LiveLocks;
import dev.cairn.master.session.LiveSession;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.session.LockWaits;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.AwaitLockRequest;
import dev.cairn.rpc.proto.LockServiceGrpc;
import dev.cairn.rpc.proto.SetLockReply;
import dev.cairn.rpc.proto.SetLockRequest;
import dev.cairn.rpc.proto.TestLockReply;
import dev.cairn.rpc.proto.TestLockRequest;
import dev.cairn.rpc.proto.WithdrawLockReply;
import dev.cairn.rpc.proto.WithdrawLockRequest;
import io.grpc.stub.StreamObserver;

/** Locks of files. */
public final class LockAdapter extends LockServiceGrpc.LockServiceImplBase {

  private final Requests requests;
  private final LiveSessions sessions;
  private final LiveLocks locks;
  private final LockWaits waits;
  private final MetadataView latest;
  private final Time time;
  private final LockDecider locking;

  public LockAdapter(
      Requests requests,
      LiveSessions sessions,
      LiveLocks locks,
      LockWaits waits,
      MetadataView latest,
      Time time,
      Defaults defaults) {
    this.requests = requests;
    this.sessions = sessions;
    this.locks = locks;
    this.waits = waits;
    this.latest = latest;
    this.time = time;
    this.locking = new LockDecider(defaults);
  }

  @Override
  public void setLock(SetLockRequest request, StreamObserver<SetLockReply> call) {
    requests.submit(
        request.getContext(),
        SetLockReply.getDefaultInstance(),
        new SetLock(locking, locks, request),
        call);
  }

  @Override
  public void awaitLock(AwaitLockRequest request, StreamObserver<SetLockReply> call) {
    Calls.ignoreCancelling(call);
    LiveSession session;
    try {
      session = sessions.heard(request.getSessionId(), request.getEpoch(), time.ticks());
    } catch (CairnException e) {
      Calls.refuse(call, e);
      return;
    }
    waits.ask(
        session.id(),
        request.getInode(),
        request.getWait(),
        time.ticks(),
        new LockWaits.Asker() {
          @Override
          public void reply(SetLockReply reply) {
            Calls.reply(call, reply);
          }

          @Override
          public void refuse(CairnException why) {
            Calls.refuse(call, why);
          }
        });
  }

  @Override
  public void withdrawLock(WithdrawLockRequest request, StreamObserver<WithdrawLockReply> call) {
    requests.submit(
        request.getContext(),
        WithdrawLockReply.getDefaultInstance(),
        (view, now) -> LockDecider.withdraw(view, request),
        call);
  }

  @Override
  public void testLock(TestLockRequest request, StreamObserver<TestLockReply> call) {
    Calls.answer(
        call,
        () -> {
          sessions.heard(request.getSessionId(), request.getEpoch(), time.ticks());
          return LockDecider.test(latest, request);
        });
  }
}
