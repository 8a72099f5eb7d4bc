package dev.cairn.client.master;

import dev.cairn.client.Failures;
import dev.cairn.client.Timer;
import dev.cairn.client.master.SessionCalls.Repeat;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.*;
import dev.cairn.rpc.proto.SealReply;
import dev.cairn.rpc.proto.SealRequest;
import java.io.Closeable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The master as the client sees it: one method per request. Builders are given without their
 * context. A session that has expired is replaced, and a request that only touches names and
 * attributes is then made under the new one, unless it may have been done under the old one;
 * commits are not, since what they would publish may be somebody else's by now.
 */
public final class Master implements Closeable {

  private static final Logger LOG = LoggerFactory.getLogger(Master.class);

  private final Calls calls;
  private final Session session;
  private final SessionCalls requests;
  private final MasterLocks locks;
  private final MasterLeases leases;

  /** Connects and registers, with one patience for the first connection and for later ones. */
  public Master(
      Masters masters,
      Duration patience,
      ClientName name,
      Timer timer,
      Consumer<List<ServerAddress>> servers,
      Holdings holdings) {
    this(masters, patience, patience, name, timer, servers, holdings);
  }

  /**
   * Connects and registers; the first request waits for that.
   *
   * @param connectPatience how long requests go on being sent while no master was ever reached
   * @param patience how long they go on while it is away later
   * @param servers told the addresses of the chunk servers whenever the master says them
   * @param holdings what this client has open and holds
   */
  public Master(
      Masters masters,
      Duration connectPatience,
      Duration patience,
      ClientName name,
      Timer timer,
      Consumer<List<ServerAddress>> servers,
      Holdings holdings) {
    this.calls = new Calls(masters, connectPatience, patience, timer);
    this.session = new Session(calls, timer, name, servers, holdings);
    this.requests = new SessionCalls(calls, session);
    this.locks = new MasterLocks(requests);
    this.leases = new MasterLeases(requests);
  }

  public MasterLocks locks() {
    return locks;
  }

  public MasterLeases leases() {
    return leases;
  }

  /** The id of the cluster this client belongs to; empty before the first session is open. */
  public String clusterId() {
    return session.clusterId();
  }

  /** Done when the session is open; fails when the master can't be reached. */
  public CompletableFuture<Void> connected() {
    return session.registration().thenApply(registration -> null);
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

  /** Sets attributes; a file of many extents is cut in several requests. */
  public CompletableFuture<SetAttributesReply> setAttributes(SetAttributesRequest.Builder request) {
    return setAttributes(request, null);
  }

  /** Changes attributes of a file that this client holds; null when it does not. */
  public CompletableFuture<SetAttributesReply> setAttributes(
      SetAttributesRequest.Builder request, Hold hold) {
    CompletableFuture<SetAttributesReply> step =
        hold == null
            ? requests.change(
                NamespaceServiceGrpc.getSetAttributesMethod(),
                context -> request.setContext(context).build(),
                Repeat.UNLESS_DONE)
            : requests.once(
                NamespaceServiceGrpc.getSetAttributesMethod(),
                context -> request.setContext(context).build(),
                hold);
    return step.thenCompose(
        reply ->
            reply.getMore()
                ? setAttributes(request, hold)
                : CompletableFuture.completedFuture(reply));
  }

  /** Notes accesses; in the next session, too, when this one has expired. */
  public CompletableFuture<NoteAccessReply> noteAccess(NoteAccessRequest.Builder request) {
    return requests.change(
        NamespaceServiceGrpc.getNoteAccessMethod(),
        context -> request.setContext(context).build(),
        Repeat.ALWAYS);
  }

  public CompletableFuture<EntryReply> create(CreateRequest.Builder request) {
    return requests.change(
        NamespaceServiceGrpc.getCreateMethod(),
        context -> request.setContext(context).build(),
        Repeat.UNLESS_DONE);
  }

  public CompletableFuture<EntryReply> link(LinkRequest.Builder request) {
    return requests.change(
        NamespaceServiceGrpc.getLinkMethod(),
        context -> request.setContext(context).build(),
        Repeat.UNLESS_DONE);
  }

  public CompletableFuture<RemoveReply> remove(RemoveRequest.Builder request) {
    return requests.change(
        NamespaceServiceGrpc.getRemoveMethod(),
        context -> request.setContext(context).build(),
        Repeat.UNLESS_DONE);
  }

  public CompletableFuture<RenameReply> rename(RenameRequest.Builder request) {
    return requests.change(
        NamespaceServiceGrpc.getRenameMethod(),
        context -> request.setContext(context).build(),
        Repeat.UNLESS_DONE);
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
    return requests.change(
        NamespaceServiceGrpc.getSetXattrMethod(),
        context -> request.setContext(context).build(),
        Repeat.UNLESS_DONE);
  }

  public CompletableFuture<RemoveXattrReply> removeXattr(RemoveXattrRequest.Builder request) {
    return requests.change(
        NamespaceServiceGrpc.getRemoveXattrMethod(),
        context -> request.setContext(context).build(),
        Repeat.UNLESS_DONE);
  }

  public CompletableFuture<StatFilesystemReply> statFilesystem() {
    return calls.call(
        NamespaceServiceGrpc.getStatFilesystemMethod(), StatFilesystemRequest.getDefaultInstance());
  }

  /**
   * Opens the inode for this session; for writing, unless somebody else has a lease of it.
   *
   * @param opened has it among the {@link Holdings} before it returns
   */
  public <T> CompletableFuture<T> open(long inode, boolean write, Function<OpenReply, T> opened) {
    return session.opening(
        inode,
        write,
        () ->
            requests.inSession(registration -> open(inode, write, registration)).thenApply(opened));
  }

  private CompletableFuture<OpenReply> open(long inode, boolean write, Registration registration) {
    OpenRequest request =
        OpenRequest.newBuilder()
            .setSessionId(registration.sessionId())
            .setEpoch(registration.epoch())
            .setInode(inode)
            .setWrite(write)
            .build();
    return calls.call(FileServiceGrpc.getOpenMethod(), request);
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
    return requests.change(
        FileServiceGrpc.getAllocateChunksMethod(),
        context -> request.setContext(context).build(),
        Repeat.ALWAYS);
  }

  /**
   * Commits in the session and under the lease in which the bytes were written: what an older one
   * left is refused, since the file may be somebody else's by now.
   */
  public CompletableFuture<CommitReply> commit(
      CommitRequest.Builder request, CompletableFuture<Hold> writtenIn) {
    return inThatOrTheNext(writtenIn)
        .thenCompose(
            hold ->
                requests.once(
                    FileServiceGrpc.getCommitMethod(),
                    context -> request.setContext(context).build(),
                    hold));
  }

  private CompletableFuture<Hold> inThatOrTheNext(CompletableFuture<Hold> writtenIn) {
    return writtenIn.isCompletedExceptionally()
        ? session.registration().thenApply(registration -> new Hold(registration, 0))
        : writtenIn;
  }

  /**
   * Says that a chunk will not be appended to, in the session in which it was written. That is no
   * change of the file, and needs no lease of it.
   */
  public CompletableFuture<SealReply> seal(
      SealRequest.Builder request, CompletableFuture<Hold> writtenIn) {
    return inThatOrTheNext(writtenIn)
        .thenCompose(
            hold ->
                requests.once(
                    FileServiceGrpc.getSealMethod(),
                    context -> request.setContext(context).build(),
                    new Hold(hold.session(), 0)));
  }

  /**
   * Changes a range; one of many extents in several requests.
   *
   * @param hold how this client holds the file; null when it does not
   */
  public CompletableFuture<ChangeRangeReply> changeRange(
      ChangeRangeRequest.Builder request, Hold hold) {
    long end = request.getOffset() + request.getLength();
    return requests
        .changeIn(
            hold,
            FileServiceGrpc.getChangeRangeMethod(),
            context -> request.setContext(context).build())
        .thenCompose(
            reply -> {
              if (reply.getDoneTo() >= end) {
                return CompletableFuture.completedFuture(reply);
              }
              request.setOffset(reply.getDoneTo()).setLength(end - reply.getDoneTo());
              return changeRange(request, hold);
            });
  }

  /**
   * Clones the first part of a range, as much as one request may; hold is as for {@link
   * #changeRange}, of the target.
   */
  public CompletableFuture<CloneRangeReply> cloneRange(
      CloneRangeRequest.Builder request, Hold hold) {
    return requests.changeIn(
        hold,
        FileServiceGrpc.getCloneRangeMethod(),
        context -> request.setContext(context).build());
  }

  /** Renews a lease now: one with a short term cannot wait for the heartbeats. */
  public void renew(Registration registration, HeldLease lease) {
    session.renew(registration, lease);
  }

  /** Forces what was answered so far to the master's disk. */
  public CompletableFuture<Void> force() {
    return requests.force();
  }

  /**
   * Forces what was answered so far to the master's disk, where it was changed in that session:
   * when it has expired and the master was started anew since, that may be lost, and this fails.
   */
  public CompletableFuture<Void> force(CompletableFuture<Registration> changedIn) {
    return requests.force(changedIn);
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
            .setEpoch(registration.epoch())
            .setChunkId(chunkId)
            .setServerId(serverId)
            .setCorrupt(corrupt)
            .setReason(reason)
            .build();
    calls
        .call(FileServiceGrpc.getReportBadReplicaMethod(), request)
        .whenComplete(
            (reply, error) -> {
              if (error != null && Failures.of(error).code() != ErrorCode.NO_CHUNK) {
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
