package dev.cairn.client.master;

import dev.cairn.client.Failures;
import dev.cairn.client.Timer;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.*;
import io.grpc.MethodDescriptor;
import java.io.Closeable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The master as the client sees it: one method per request. Builders are given without their
 * context. A session that has expired is replaced, and a request that only touches names and
 * attributes is then made again under the new one; commits are not, since what they would publish
 * may be somebody else's by now.
 */
public final class Master implements Closeable {

  private static final Logger LOG = LoggerFactory.getLogger(Master.class);

  private final Calls calls;
  private final Session session;

  /** The session in which names were changed first of those that were not forced since, or null. */
  private final AtomicReference<Registration> namesChangedIn = new AtomicReference<>();

  /**
   * Connects and registers; the first request waits for that.
   *
   * @param servers told the addresses of the chunk servers whenever the master says them
   * @param holdings what this client has open and holds
   */
  public Master(
      HostPort address,
      Duration patience,
      ClientName name,
      Timer timer,
      Consumer<List<ServerAddress>> servers,
      Holdings holdings) {
    this.calls = new Calls(address, patience, timer);
    this.session = new Session(calls, timer, name, servers, holdings);
  }

  /** Done when the session is open; fails when the master can't be reached. */
  public CompletableFuture<Void> connected() {
    return session.registration().thenApply(registration -> null);
  }

  private <Q, R> CompletableFuture<R> change(
      MethodDescriptor<Q, R> method, Function<RequestContext, Q> request, boolean mayRenew) {
    CompletableFuture<Registration> ready = session.registration();
    Registration now = Registration.ifThere(ready);
    return now != null
        ? change(method, request, mayRenew, now)
        : ready.thenCompose(registration -> change(method, request, mayRenew, registration));
  }

  private <Q, R> CompletableFuture<R> change(
      MethodDescriptor<Q, R> method,
      Function<RequestContext, Q> request,
      boolean mayRenew,
      Registration registration) {
    CompletableFuture<R> reply = once(method, request, registration);
    return reply
        .handle(
            (value, error) ->
                error != null && mayRenew && Failures.of(error).code() == ErrorCode.SESSION_EXPIRED
                    ? session
                        .expired(registration)
                        .thenCompose(fresh -> change(method, request, false, fresh))
                    : reply)
        .thenCompose(Function.identity());
  }

  /** Asks in the name of one session: when that has expired, the request is refused. */
  private <Q, R> CompletableFuture<R> once(
      MethodDescriptor<Q, R> method,
      Function<RequestContext, Q> request,
      Registration registration) {
    RequestContext context = registration.nextRequest();
    return calls
        .call(method, request.apply(context))
        .whenComplete(
            (value, error) -> {
              if (error == null) {
                registration.granted(context);
                namesChangedIn.compareAndSet(null, registration);
              } else {
                registration.refused(context);
              }
              noteExpiry(registration, error);
            });
  }

  /** Asks in the name of a session and under a lease: when one is over, the request is refused. */
  private <Q, R> CompletableFuture<R> once(
      MethodDescriptor<Q, R> method, Function<RequestContext, Q> request, Hold hold) {
    long lease = hold.lease();
    Function<RequestContext, Q> under =
        lease == 0
            ? request
            : context -> request.apply(context.toBuilder().setLease(lease).build());
    return once(method, under, hold.session());
  }

  /** Asks in the session in force, and once more in the next one where that has expired. */
  private <T> CompletableFuture<T> inSession(Function<Registration, CompletableFuture<T>> ask) {
    return session
        .registration()
        .thenCompose(
            registration ->
                ask.apply(registration)
                    .handle(
                        (answer, error) ->
                            error != null && Failures.of(error).code() == ErrorCode.SESSION_EXPIRED
                                ? session.expired(registration).thenCompose(ask)
                                : done(answer, error))
                    .thenCompose(Function.identity()));
  }

  private void noteExpiry(Registration registration, Throwable error) {
    if (error != null && Failures.of(error).code() == ErrorCode.SESSION_EXPIRED) {
      var unused = session.expired(registration);
    }
  }

  /** The session in force, for what must be done in this one or not at all. */
  public CompletableFuture<Registration> session() {
    return session.registration();
  }

  /** Whether the session has not been replaced by another one. */
  public boolean isCurrent(Registration registration) {
    return Registration.ifThere(session.registration()) == registration;
  }

  public CompletableFuture<EntryReply> lookup(LookupRequest request) {
    return calls.call(NamespaceServiceGrpc.getLookupMethod(), request);
  }

  public CompletableFuture<AttributesReply> getAttributes(GetAttributesRequest request) {
    return calls.call(NamespaceServiceGrpc.getGetAttributesMethod(), request);
  }

  public CompletableFuture<AttributesReply> setAttributes(SetAttributesRequest.Builder request) {
    return change(
        NamespaceServiceGrpc.getSetAttributesMethod(),
        context -> request.setContext(context).build(),
        true);
  }

  /** Changes attributes of a file that this client holds; null when it does not. */
  public CompletableFuture<AttributesReply> setAttributes(
      SetAttributesRequest.Builder request, Hold hold) {
    return hold == null
        ? setAttributes(request)
        : once(
            NamespaceServiceGrpc.getSetAttributesMethod(),
            context -> request.setContext(context).build(),
            hold);
  }

  public CompletableFuture<EntryReply> create(CreateRequest.Builder request) {
    return change(
        NamespaceServiceGrpc.getCreateMethod(),
        context -> request.setContext(context).build(),
        true);
  }

  public CompletableFuture<EntryReply> link(LinkRequest.Builder request) {
    return change(
        NamespaceServiceGrpc.getLinkMethod(), context -> request.setContext(context).build(), true);
  }

  public CompletableFuture<RemoveReply> remove(RemoveRequest.Builder request) {
    return change(
        NamespaceServiceGrpc.getRemoveMethod(),
        context -> request.setContext(context).build(),
        true);
  }

  public CompletableFuture<RenameReply> rename(RenameRequest.Builder request) {
    return change(
        NamespaceServiceGrpc.getRenameMethod(),
        context -> request.setContext(context).build(),
        true);
  }

  public CompletableFuture<ReadSymlinkReply> readSymlink(ReadSymlinkRequest request) {
    return calls.call(NamespaceServiceGrpc.getReadSymlinkMethod(), request);
  }

  public CompletableFuture<ReadDirectoryReply> readDirectory(ReadDirectoryRequest request) {
    return calls.call(NamespaceServiceGrpc.getReadDirectoryMethod(), request);
  }

  public CompletableFuture<GetXattrReply> getXattr(GetXattrRequest request) {
    return calls.call(NamespaceServiceGrpc.getGetXattrMethod(), request);
  }

  public CompletableFuture<ListXattrsReply> listXattrs(ListXattrsRequest request) {
    return calls.call(NamespaceServiceGrpc.getListXattrsMethod(), request);
  }

  public CompletableFuture<SetXattrReply> setXattr(SetXattrRequest.Builder request) {
    return change(
        NamespaceServiceGrpc.getSetXattrMethod(),
        context -> request.setContext(context).build(),
        true);
  }

  public CompletableFuture<RemoveXattrReply> removeXattr(RemoveXattrRequest.Builder request) {
    return change(
        NamespaceServiceGrpc.getRemoveXattrMethod(),
        context -> request.setContext(context).build(),
        true);
  }

  public CompletableFuture<StatFilesystemReply> statFilesystem() {
    return calls.call(
        NamespaceServiceGrpc.getStatFilesystemMethod(), StatFilesystemRequest.getDefaultInstance());
  }

  /** Opens the inode for this session; for writing, unless somebody else has a lease of it. */
  public CompletableFuture<OpenReply> open(long inode, boolean write) {
    return session
        .mayOpen(inode)
        .thenCompose(nothing -> session.registration())
        .thenCompose(registration -> open(inode, write, registration, true));
  }

  private CompletableFuture<OpenReply> open(
      long inode, boolean write, Registration registration, boolean mayRenew) {
    OpenRequest request =
        OpenRequest.newBuilder()
            .setSessionId(registration.sessionId())
            .setEpoch(registration.epoch())
            .setInode(inode)
            .setWrite(write)
            .build();
    CompletableFuture<OpenReply> reply = calls.call(FileServiceGrpc.getOpenMethod(), request);
    return reply
        .handle(
            (value, error) ->
                error != null && mayRenew && Failures.of(error).code() == ErrorCode.SESSION_EXPIRED
                    ? session
                        .expired(registration)
                        .thenCompose(fresh -> open(inode, write, fresh, false))
                    : reply)
        .thenCompose(Function.identity());
  }

  /** The session no longer has the inode open. Said with the next heartbeat. */
  public void closed(long inode) {
    session.closedInode(inode);
  }

  public CompletableFuture<GetExtentsReply> getExtents(GetExtentsRequest request) {
    return calls.call(FileServiceGrpc.getGetExtentsMethod(), request);
  }

  public CompletableFuture<AllocateChunksReply> allocateChunks(
      AllocateChunksRequest.Builder request) {
    return change(
        FileServiceGrpc.getAllocateChunksMethod(),
        context -> request.setContext(context).build(),
        true);
  }

  /**
   * Commits in the session and under the lease in which the bytes were written: what an older one
   * left is refused, since the file may be somebody else's by now.
   */
  public CompletableFuture<CommitReply> commit(
      CommitRequest.Builder request, CompletableFuture<Hold> writtenIn) {
    CompletableFuture<Hold> in =
        writtenIn.isCompletedExceptionally()
            ? session.registration().thenApply(registration -> new Hold(registration, 0))
            : writtenIn;
    return in.thenCompose(
        hold ->
            once(
                FileServiceGrpc.getCommitMethod(),
                context -> request.setContext(context).build(),
                hold));
  }

  /**
   * Changes a range.
   *
   * @param hold how this client holds the file; null when it does not
   */
  public CompletableFuture<AttributesReply> changeRange(
      ChangeRangeRequest.Builder request, Hold hold) {
    return changeIn(
        hold,
        FileServiceGrpc.getChangeRangeMethod(),
        context -> request.setContext(context).build());
  }

  /** Clones a range; hold is as for {@link #changeRange}, of the target. */
  public CompletableFuture<AttributesReply> cloneRange(
      CloneRangeRequest.Builder request, Hold hold) {
    return changeIn(
        hold,
        FileServiceGrpc.getCloneRangeMethod(),
        context -> request.setContext(context).build());
  }

  private <Q, R> CompletableFuture<R> changeIn(
      Hold hold, MethodDescriptor<Q, R> method, Function<RequestContext, Q> request) {
    return hold != null ? once(method, request, hold) : change(method, request, false);
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
        : inSession(registration -> lockIn(registration, request, asked));
  }

  /** Gives up locks of the file; heldIn as for {@link #setLock}. */
  public CompletableFuture<Void> unlock(long inode, FileLock lock, Registration heldIn) {
    SetLockRequest.Builder request =
        SetLockRequest.newBuilder()
            .setInode(inode)
            .setLock(lock.toBuilder().setMode(LockMode.UNLOCKED));
    return setLock(request, heldIn, place -> {}).thenAccept(answer -> {});
  }

  private static <T> CompletableFuture<T> done(T value, Throwable error) {
    return error == null
        ? CompletableFuture.completedFuture(value)
        : CompletableFuture.failedFuture(error);
  }

  private CompletableFuture<LockAnswer> lockIn(
      Registration registration, SetLockRequest.Builder request, Consumer<LockPlace> asked) {
    LockPlace[] place = new LockPlace[1];
    return once(
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
    return calls
        .call(LockServiceGrpc.getAwaitLockMethod(), request)
        .whenComplete((reply, error) -> noteExpiry(registration, error));
  }

  public CompletableFuture<WithdrawLockReply> withdrawLock(LockPlace place, long inode) {
    return once(
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
              return calls
                  .call(LockServiceGrpc.getTestLockMethod(), request)
                  .whenComplete((reply, error) -> noteExpiry(registration, error));
            });
  }

  /** Forces what was answered so far to the master's disk; as {@link #force(Registration)}. */
  public CompletableFuture<Void> force(CompletableFuture<Registration> changedIn) {
    return changedIn.isCompletedExceptionally()
        ? force()
        : changedIn.thenCompose(registration -> force(registration));
  }

  /** A lease that was taken, and the session it was taken in. */
  public record LeaseAnswer(Registration session, TakeLeaseReply reply) {}

  /** Takes a lease, or gives the one there is another term. */
  public CompletableFuture<LeaseAnswer> takeLease(TakeLeaseRequest.Builder request) {
    return inSession(
        registration ->
            once(
                    LeaseServiceGrpc.getTakeLeaseMethod(),
                    context -> request.setContext(context).build(),
                    registration)
                .thenApply(reply -> new LeaseAnswer(registration, reply)));
  }

  /** Gives a lease back, in the session that has it; null: in the one in force. */
  public CompletableFuture<ReleaseLeaseReply> releaseLease(long inode, Hold hold) {
    return changeIn(
        hold == null ? null : new Hold(hold.session(), 0),
        LeaseServiceGrpc.getReleaseLeaseMethod(),
        context -> ReleaseLeaseRequest.newBuilder().setContext(context).setInode(inode).build());
  }

  public CompletableFuture<ListLeasesReply> listLeases(ListLeasesRequest request) {
    return calls.call(LeaseServiceGrpc.getListLeasesMethod(), request);
  }

  /** Has the master hear of the session now: a lease with a short term cannot wait for that. */
  public void sayAlive(Registration registration) {
    session.sayAlive(registration);
  }

  /** Forces what was answered so far to the master's disk. */
  public CompletableFuture<Void> force() {
    return session.registration().thenCompose(registration -> force(registration));
  }

  /**
   * Forces what was answered so far to the master's disk.
   *
   * @param changedIn a session in which something was changed that was not forced yet: when it has
   *     expired and the master was started anew since, that may be lost, and this fails. So it
   *     does, once, for names
   */
  private CompletableFuture<Void> force(Registration changedIn) {
    Registration names = namesChangedIn.getAndSet(null);
    Registration in =
        names != null && names.sessionId() < changedIn.sessionId() ? names : changedIn;
    CompletableFuture<ForceReply> forced =
        calls.call(
            FileServiceGrpc.getForceMethod(),
            ForceRequest.newBuilder().setSessionId(in.sessionId()).setEpoch(in.epoch()).build());
    return forced
        .handle((reply, error) -> error == null ? done((Void) null, null) : again(in, names, error))
        .thenCompose(Function.identity());
  }

  private CompletableFuture<Void> again(Registration in, Registration names, Throwable error) {
    if (Failures.of(error).code() != ErrorCode.SESSION_EXPIRED) {
      namesChangedIn.compareAndSet(null, names);
      return CompletableFuture.failedFuture(error);
    }
    return session
        .expired(in)
        .thenCompose(
            fresh ->
                fresh.isOfSameMaster(in) ? force(fresh) : CompletableFuture.failedFuture(error));
  }

  /**
   * Says that a replica is bad or out of reach; a report that gets lost is made by the next reader.
   */
  public void reportBadReplica(long chunkId, int serverId, boolean corrupt, String reason) {
    Registration registration = Registration.ifThere(session.registration());
    if (registration == null) {
      return;
    }
    ReportBadReplicaRequest request =
        ReportBadReplicaRequest.newBuilder()
            .setSessionId(registration.sessionId())
            .setChunkId(chunkId)
            .setServerId(serverId)
            .setCorrupt(corrupt)
            .setReason(reason)
            .build();
    calls
        .call(FileServiceGrpc.getReportBadReplicaMethod(), request)
        .whenComplete(
            (reply, error) -> {
              if (error != null) {
                LOG.warn("a bad replica could not be reported: {}", error.getMessage());
              }
            });
  }

  /** Gives the session up, waiting at most that long, and closes the channel. */
  public void close(Duration patience) {
    try {
      Failures.await(session.end(patience));
    } catch (dev.cairn.rpc.error.CairnException e) {
      LOG.warn("the session could not be given up and will expire: {}", e.getMessage());
    }
    calls.close();
  }

  @Override
  public void close() {
    close(Duration.ofSeconds(2));
  }
}
