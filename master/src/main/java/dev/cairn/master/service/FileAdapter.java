package dev.cairn.master.service;

import dev.cairn.master.command.AllocateChunks;
import dev.cairn.master.command.Chains;
import dev.cairn.master.command.Commit;
import dev.cairn.master.command.Seal;
import dev.cairn.master.decide.CommitDecider;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.decide.RangeDecider;
import dev.cairn.master.log.ForceGroup;
import dev.cairn.master.query.ContentQueries;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.session.LiveGrants;
import dev.cairn.master.session.LiveSession;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.AllocateChunksReply;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.ChangeRangeReply;
import dev.cairn.rpc.proto.ChangeRangeRequest;
import dev.cairn.rpc.proto.CloneRangeReply;
import dev.cairn.rpc.proto.CloneRangeRequest;
import dev.cairn.rpc.proto.CommitReply;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.FileServiceGrpc;
import dev.cairn.rpc.proto.ForceReply;
import dev.cairn.rpc.proto.ForceRequest;
import dev.cairn.rpc.proto.GetExtentsReply;
import dev.cairn.rpc.proto.GetExtentsRequest;
import dev.cairn.rpc.proto.OpenReply;
import dev.cairn.rpc.proto.OpenRequest;
import dev.cairn.rpc.proto.ReportBadReplicaReply;
import dev.cairn.rpc.proto.ReportBadReplicaRequest;
import dev.cairn.rpc.proto.SealReply;
import dev.cairn.rpc.proto.SealRequest;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;

/** The content of files. */
public final class FileAdapter extends FileServiceGrpc.FileServiceImplBase {

  private final Requests requests;
  private final LiveSessions sessions;
  private final LiveGrants grants;
  private final ContentQueries content;
  private final ReplicaMap replicas;
  private final Chains chains;
  private final BadReplicaReports badReplicas;
  private final ForceGroup force;
  private final Time time;
  private final Executor pool;
  private final CommitDecider committing;
  private final RangeDecider ranges;

  public FileAdapter(
      Requests requests,
      LiveSessions sessions,
      LiveGrants grants,
      ContentQueries content,
      ReplicaMap replicas,
      Chains chains,
      BadReplicaReports badReplicas,
      ForceGroup force,
      Time time,
      Executor pool,
      Defaults defaults) {
    this.requests = requests;
    this.sessions = sessions;
    this.grants = grants;
    this.content = content;
    this.replicas = replicas;
    this.chains = chains;
    this.badReplicas = badReplicas;
    this.force = force;
    this.time = time;
    this.pool = pool;
    this.committing = new CommitDecider(defaults);
    this.ranges = new RangeDecider(defaults);
  }

  @Override
  public void open(OpenRequest request, StreamObserver<OpenReply> call) {
    Calls.answer(
        call,
        () -> {
          LiveSession session =
              sessions.heard(request.getSessionId(), request.getEpoch(), time.ticks());
          return content.open(session, request.getInode(), request.getWrite());
        });
  }

  @Override
  public void getExtents(GetExtentsRequest request, StreamObserver<GetExtentsReply> call) {
    Calls.answerOn(pool, call, () -> content.extents(request));
  }

  @Override
  public void allocateChunks(
      AllocateChunksRequest request, StreamObserver<AllocateChunksReply> call) {
    requests.submit(
        request.getContext(),
        AllocateChunksReply.getDefaultInstance(),
        new AllocateChunks(grants, chains, request),
        call);
  }

  @Override
  public void commit(CommitRequest request, StreamObserver<CommitReply> call) {
    requests.submit(
        request.getContext(),
        CommitReply.getDefaultInstance(),
        new Commit(committing, replicas, request),
        call);
  }

  @Override
  public void seal(SealRequest request, StreamObserver<SealReply> call) {
    requests.submit(
        request.getContext(), SealReply.getDefaultInstance(), new Seal(replicas, request), call);
  }

  @Override
  public void changeRange(ChangeRangeRequest request, StreamObserver<ChangeRangeReply> call) {
    requests.submit(
        request.getContext(),
        ChangeRangeReply.getDefaultInstance(),
        (view, now) -> ranges.change(view, request, now),
        call);
  }

  @Override
  public void cloneRange(CloneRangeRequest request, StreamObserver<CloneRangeReply> call) {
    requests.submit(
        request.getContext(),
        CloneRangeReply.getDefaultInstance(),
        (view, now) -> ranges.clone(view, request, now),
        call);
  }

  @Override
  public void force(ForceRequest request, StreamObserver<ForceReply> call) {
    Calls.ignoreCancelling(call);
    try {
      sessions.heard(request.getSessionId(), request.getEpoch(), time.ticks());
    } catch (CairnException e) {
      Calls.refuse(call, e);
      return;
    }
    force.submit(
        () -> Calls.reply(call, ForceReply.getDefaultInstance()), why -> Calls.refuse(call, why));
  }

  @Override
  public void reportBadReplica(
      ReportBadReplicaRequest request, StreamObserver<ReportBadReplicaReply> call) {
    Calls.answer(
        call,
        () -> {
          sessions.heard(request.getSessionId(), request.getEpoch(), time.ticks());
          long chunk = request.getChunkId();
          int server = request.getServerId();
          if (!replicas.holds(chunk, server)) {
            // It may have been removed as one replica too many, after the client asked.
            throw ErrorCode.NO_CHUNK.because(
                "no replica of chunk "
                    + Long.toUnsignedString(chunk)
                    + " is known on chunk server "
                    + Integer.toUnsignedString(server));
          }
          // A server that cannot be reached is found out by its silence.
          if (request.getCorrupt()) {
            badReplicas.suspect(server, chunk, request.getReason());
          }
          return ReportBadReplicaReply.getDefaultInstance();
        });
  }
}
