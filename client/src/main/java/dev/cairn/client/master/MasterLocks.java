package dev.cairn.client.master;

import dev.cairn.rpc.proto.AwaitLockRequest;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.LockMode;
import dev.cairn.rpc.proto.LockServiceGrpc;
import dev.cairn.rpc.proto.SetLockReply;
import dev.cairn.rpc.proto.SetLockRequest;
import dev.cairn.rpc.proto.TestLockReply;
import dev.cairn.rpc.proto.TestLockRequest;
import dev.cairn.rpc.proto.WithdrawLockReply;
import dev.cairn.rpc.proto.WithdrawLockRequest;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Locks at the master: one method per request. */
public final class MasterLocks {

  private final SessionCalls session;

  MasterLocks(SessionCalls session) {
    this.session = session;
  }

  /**
   * Where a request for a lock stands at the master, by which it can be withdrawn.
   *
   * @param session the one it was made in
   * @param number of the wait, if it begins one
   */
  public record LockPlace(Registration session, long number) {}

  /** What was answered to a request for a lock. */
  public record LockAnswer(LockPlace place, SetLockReply reply) {}

  /**
   * Takes or changes a lock.
   *
   * @param heldIn the session that has locks of the file: the request is refused when it has
   *     expired; null when none is known to
   * @param asked told of the request before it is sent, for whoever gets no answer
   */
  public CompletableFuture<LockAnswer> setLock(
      SetLockRequest.Builder request, Registration heldIn, Consumer<LockPlace> asked) {
    return heldIn != null
        ? lockIn(heldIn, request, asked)
        : session.inSession(registration -> lockIn(registration, request, asked));
  }

  /** Gives up locks of the file; heldIn as for {@link #setLock}. */
  public CompletableFuture<Void> unlock(long inode, FileLock lock, Registration heldIn) {
    SetLockRequest.Builder request =
        SetLockRequest.newBuilder()
            .setInode(inode)
            .setLock(lock.toBuilder().setMode(LockMode.UNLOCKED));
    return setLock(request, heldIn, place -> {}).thenAccept(answer -> {});
  }

  private CompletableFuture<LockAnswer> lockIn(
      Registration registration, SetLockRequest.Builder request, Consumer<LockPlace> asked) {
    LockPlace[] place = new LockPlace[1];
    return session
        .once(
            LockServiceGrpc.getSetLockMethod(),
            context -> {
              place[0] = new LockPlace(registration, context.getSequence());
              asked.accept(place[0]);
              return request.setContext(context).build();
            },
            registration)
        .thenApply(reply -> new LockAnswer(place[0], reply));
  }

  /** Answers when the wait is over, or after some seconds that it is not. */
  public CompletableFuture<SetLockReply> awaitLock(LockPlace place, long inode) {
    Registration registration = place.session();
    AwaitLockRequest request =
        AwaitLockRequest.newBuilder()
            .setSessionId(registration.sessionId())
            .setEpoch(registration.epoch())
            .setInode(inode)
            .setWait(place.number())
            .build();
    return session
        .call(LockServiceGrpc.getAwaitLockMethod(), request)
        .whenComplete((reply, error) -> session.noteExpiry(registration, error));
  }

  public CompletableFuture<WithdrawLockReply> withdrawLock(LockPlace place, long inode) {
    return session.once(
        LockServiceGrpc.getWithdrawLockMethod(),
        context ->
            WithdrawLockRequest.newBuilder()
                .setContext(context)
                .setInode(inode)
                .setWait(place.number())
                .build(),
        place.session());
  }

  public CompletableFuture<TestLockReply> testLock(long inode, FileLock lock) {
    return session
        .registration()
        .thenCompose(
            registration -> {
              TestLockRequest request =
                  TestLockRequest.newBuilder()
                      .setSessionId(registration.sessionId())
                      .setEpoch(registration.epoch())
                      .setInode(inode)
                      .setLock(lock)
                      .build();
              return session
                  .call(LockServiceGrpc.getTestLockMethod(), request)
                  .whenComplete((reply, error) -> session.noteExpiry(registration, error));
            });
  }
}
