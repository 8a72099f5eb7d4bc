package dev.cairn.master.service;

import dev.cairn.master.decide.CommitDecider;
import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.decide.ExtensionDecider;
import dev.cairn.master.decide.GrantDecider;
import dev.cairn.master.decide.RangeDecider;
import dev.cairn.master.fleet.Candidate;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.fleet.Placement;
import dev.cairn.master.log.Command;
import dev.cairn.master.log.ForceGroup;
import dev.cairn.master.query.ContentQueries;
import dev.cairn.master.record.proto.Grant;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.session.LiveGrants;
import dev.cairn.master.session.LiveSession;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.MetadataView;
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
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.proto.WrittenChunk;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;

/** The content of files. */
public final class FileAdapter extends FileServiceGrpc.FileServiceImplBase {

  private final Requests requests;
  private final LiveSessions sessions;
  private final LiveGrants grants;
  private final ContentQueries content;
  private final Fleet fleet;
  private final ReplicaMap replicas;
  private final Placement placement;
  private final BadReplicaReports badReplicas;
  private final ForceGroup force;
  private final Time time;
  private final Executor pool;
  private final Defaults defaults;
  private final CommitDecider committing;
  private final RangeDecider ranges;

  public FileAdapter(
      Requests requests,
      LiveSessions sessions,
      LiveGrants grants,
      ContentQueries content,
      Fleet fleet,
      ReplicaMap replicas,
      Placement placement,
      BadReplicaReports badReplicas,
      ForceGroup force,
      Time time,
      Executor pool,
      Defaults defaults) {
    this.requests = requests;
    this.sessions = sessions;
    this.grants = grants;
    this.content = content;
    this.fleet = fleet;
    this.replicas = replicas;
    this.placement = placement;
    this.badReplicas = badReplicas;
    this.force = force;
    this.time = time;
    this.pool = pool;
    this.defaults = defaults;
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
        (view, now) -> {
          if (request.getExtendInode() != 0) {
            return ExtensionDecider.extend(
                view, request, this::holders, fleet.candidates(time.ticks()).size());
          }
          GrantDecider.check(request);
          grants.checkMayGrant(request.getContext().getSessionId(), request.getCount());
          return GrantDecider.grant(view, request, chain(request));
        },
        call);
  }

  private List<ServerAddress> holders(long chunk) throws CairnException {
    List<ServerAddress> holders = new ArrayList<>();
    for (int server : replicas.good(chunk)) {
      if (replicas.counts(chunk, server) && !fleet.isDraining(server)) {
        holders.add(fleet.address(server));
      }
    }
    return holders;
  }

  private List<ServerAddress> chain(AllocateChunksRequest request) throws CairnException {
    int replicas = request.getReplicas() == 0 ? defaults.replicas() : request.getReplicas();
    List<Candidate> living = fleet.candidates(time.ticks());
    if (living.size() < replicas && fleet.awaitsSome()) {
      throw ErrorCode.STARTING.because(
          "the master has just started and waits for its chunk servers");
    }
    List<Integer> servers =
        placement.choose(
            living,
            replicas,
            new HashSet<>(request.getAvoidServersList()),
            request.getExpectedBytes());
    List<ServerAddress> chain = new ArrayList<>();
    for (int server : servers) {
      chain.add(fleet.address(server));
    }
    return chain;
  }

  @Override
  public void commit(CommitRequest request, StreamObserver<CommitReply> call) {
    requests.submit(
        request.getContext(),
        CommitReply.getDefaultInstance(),
        new Command<CommitReply>() {
          private final Set<Long> grown = new HashSet<>();
          private final List<WrittenChunk> written = new ArrayList<>();

          @Override
          public Decision<CommitReply> decide(MetadataView view, long now) throws CairnException {
            written.addAll(written(view, request));
            for (WrittenChunk chunk : written) {
              ChunkRow before = view.chunk(chunk.getChunkId());
              if (before != null && before.length() < chunk.getLength()) {
                grown.add(chunk.getChunkId());
              }
            }
            Decision<CommitReply> decision = committing.commit(view, request, now);
            for (Record record : decision.records()) {
              // What is garbage now is garbage wherever there is some of it.
              grown.removeAll(record.getChunksDiscarded().getIdsList());
            }
            return decision;
          }

          @Override
          public void granted(CommitReply reply) {
            for (WrittenChunk chunk : written) {
              long id = chunk.getChunkId();
              replicas.committed(id, chunk.getServerIdsList(), grown.contains(id));
            }
          }
        },
        call);
  }

  /**
   * The chunks of a commit that its session may write: of no other is believed where it is.
   *
   * @throws CairnException {@code INVALID} when a server is named that was none to write to
   */
  private List<WrittenChunk> written(MetadataView view, CommitRequest request)
      throws CairnException {
    List<WrittenChunk> written = new ArrayList<>();
    for (WrittenChunk chunk : request.getChunksList()) {
      long id = chunk.getChunkId();
      Grant grant = view.grantOf(request.getContext().getSessionId(), id);
      if (grant == null) {
        continue;
      }
      for (int server : chunk.getServerIdsList()) {
        if (!grant.getServersList().contains(server) && !replicas.holds(id, server)) {
          throw ErrorCode.INVALID.because(
              "chunk " + id + " was not to be written to chunk server " + server);
        }
      }
      written.add(chunk);
    }
    return written;
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
