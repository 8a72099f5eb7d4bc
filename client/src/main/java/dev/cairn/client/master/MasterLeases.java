package dev.cairn.client.master;

import dev.cairn.rpc.proto.LeaseServiceGrpc;
import dev.cairn.rpc.proto.ListLeasesReply;
import dev.cairn.rpc.proto.ListLeasesRequest;
import dev.cairn.rpc.proto.ReleaseLeaseReply;
import dev.cairn.rpc.proto.ReleaseLeaseRequest;
import dev.cairn.rpc.proto.TakeLeaseReply;
import dev.cairn.rpc.proto.TakeLeaseRequest;
import java.util.concurrent.CompletableFuture;

/** Leases at the master: one method per request. */
public final class MasterLeases {

  private final SessionCalls session;

  MasterLeases(SessionCalls session) {
    this.session = session;
  }

  /** A lease that was taken, and the session it was taken in. */
  public record LeaseAnswer(Registration session, TakeLeaseReply reply) {}

  /** Takes a lease, or gives the one there is another term. */
  public CompletableFuture<LeaseAnswer> takeLease(TakeLeaseRequest.Builder request) {
    return session.inSession(
        registration ->
            session
                .once(
                    LeaseServiceGrpc.getTakeLeaseMethod(),
                    context -> request.setContext(context).build(),
                    registration)
                .thenApply(reply -> new LeaseAnswer(registration, reply)));
  }

  /** Gives a lease back, in the session that has it; null: in the one in force. */
  public CompletableFuture<ReleaseLeaseReply> releaseLease(long inode, Hold hold) {
    return session.changeIn(
        hold == null ? null : new Hold(hold.session(), 0),
        LeaseServiceGrpc.getReleaseLeaseMethod(),
        context -> ReleaseLeaseRequest.newBuilder().setContext(context).setInode(inode).build());
  }

  public CompletableFuture<ListLeasesReply> listLeases(ListLeasesRequest request) {
    return session.call(LeaseServiceGrpc.getListLeasesMethod(), request);
  }
}
