package dev.cairn.client.master;

import dev.cairn.client.Timer;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.control.ControlServer;
import dev.cairn.rpc.proto.AwaitLockRequest;
import dev.cairn.rpc.proto.LockServiceGrpc;
import dev.cairn.rpc.proto.SetLockReply;
import dev.cairn.rpc.proto.WithdrawLockReply;
import dev.cairn.rpc.proto.WithdrawLockRequest;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** A master that knows of one wait for a lock, and grants it when told to. */
public final class LockMaster {

  private final CompletableFuture<Void> granted = new CompletableFuture<>();
  private volatile boolean grantedBefore;
  private final AtomicInteger withdrawals = new AtomicInteger();
  private final ControlServer server;
  private final Calls calls;
  private final MasterLocks locks;

  public LockMaster(Timer timer) throws IOException {
    server = ControlServer.start(new HostPort("127.0.0.1", 0), List.of(new Locks()));
    Masters address = Masters.of(new HostPort("127.0.0.1", server.port()));
    calls = new Calls(address, Duration.ofSeconds(10), timer);
    locks = new MasterLocks(new SessionCalls(calls, null));
  }

  private final class Locks extends LockServiceGrpc.LockServiceImplBase {

    @Override
    public void awaitLock(AwaitLockRequest request, StreamObserver<SetLockReply> call) {
      var unused =
          granted.thenRun(
              () -> {
                call.onNext(SetLockReply.getDefaultInstance());
                call.onCompleted();
              });
    }

    @Override
    public void withdrawLock(WithdrawLockRequest request, StreamObserver<WithdrawLockReply> call) {
      withdrawals.incrementAndGet();
      call.onNext(WithdrawLockReply.newBuilder().setWithdrawn(!grantedBefore).build());
      call.onCompleted();
    }
  }

  public MasterLocks locks() {
    return locks;
  }

  public Registration session() {
    return Registrations.any();
  }

  public void grant() {
    granted.complete(null);
  }

  /** It has granted the lock before anybody withdraws his wait, who has not heard of it. */
  public void grantUnheard() {
    grantedBefore = true;
  }

  public int withdrawals() {
    return withdrawals.get();
  }

  public void stop() throws InterruptedException {
    calls.close();
    server.stop();
  }
}
