package dev.cairn.master.service;

import dev.cairn.master.command.RegisterServer;
import dev.cairn.master.compact.Compaction;
import dev.cairn.master.decide.GarbageDecider;
import dev.cairn.master.decide.ServerClaims;
import dev.cairn.master.decide.ServerDecider;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.fleet.RefusedServers;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.Writer;
import dev.cairn.master.query.ClusterFacts;
import dev.cairn.master.query.MasterGroup;
import dev.cairn.master.record.proto.ChunkServer;
import dev.cairn.master.repair.Repairs;
import dev.cairn.master.replica.Garbage;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.BadSource;
import dev.cairn.rpc.proto.ChunkReplica;
import dev.cairn.rpc.proto.ChunkReport;
import dev.cairn.rpc.proto.ChunkReportReply;
import dev.cairn.rpc.proto.ChunkServerServiceGrpc;
import dev.cairn.rpc.proto.CopyResult;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.HeartbeatRequest;
import dev.cairn.rpc.proto.RegisterReply;
import dev.cairn.rpc.proto.RegisterRequest;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** What chunk servers say, and what they are told. */
public final class ChunkServerAdapter extends ChunkServerServiceGrpc.ChunkServerServiceImplBase {

  private static final int HEARTBEAT_MILLIS = 1000;

  private static final int MOST_TO_VERIFY = 16;

  private final Writer writer;
  private final Fleet fleet;
  private final RefusedServers refused;
  private final ReplicaMap replicas;
  private final BadReplicaReports badReports;
  private final Garbage garbage;
  private final ChunkReports reports;
  private final Repairs repairs;
  private final Compaction compaction;
  private final ClusterFacts facts;
  private final MasterGroup group;
  private final MetadataView latest;
  private final Time time;
  private final Executor pool;

  public ChunkServerAdapter(
      Writer writer,
      Fleet fleet,
      RefusedServers refused,
      ReplicaMap replicas,
      BadReplicaReports badReports,
      Garbage garbage,
      ChunkReports reports,
      Repairs repairs,
      Compaction compaction,
      ClusterFacts facts,
      MasterGroup group,
      MetadataView latest,
      Time time,
      Executor pool) {
    this.writer = writer;
    this.fleet = fleet;
    this.refused = refused;
    this.replicas = replicas;
    this.badReports = badReports;
    this.garbage = garbage;
    this.reports = reports;
    this.repairs = repairs;
    this.compaction = compaction;
    this.facts = facts;
    this.group = group;
    this.latest = latest;
    this.time = time;
    this.pool = pool;
  }

  @Override
  public void register(RegisterRequest request, StreamObserver<RegisterReply> call) {
    Calls.ignoreCancelling(call);
    writer.submit(
        new RegisterServer(fleet, replicas, time, request),
        new Answer<ChunkServer>() {
          @Override
          public void granted(ChunkServer server) {
            refused.accepted(request);
            fleet.servesHttp(server.getId(), ServerClaims.url(request.getHttp()));
            Calls.reply(
                call,
                RegisterReply.newBuilder()
                    .setServerId(server.getId())
                    .setClusterId(facts.clusterId())
                    .setHeartbeatMillis(HEARTBEAT_MILLIS)
                    .setMasterIncarnation(facts.incarnation())
                    .setTerm(group.term())
                    .setLeading(true)
                    .build());
          }

          @Override
          public void refused(CairnException why) {
            refused.refused(request, why, time.ticks());
            Calls.refuse(call, why);
          }
        });
  }

  @Override
  public StreamObserver<ChunkReport> reportChunks(StreamObserver<ChunkReportReply> call) {
    ServerCallStreamObserver<ChunkReportReply> server =
        (ServerCallStreamObserver<ChunkReportReply>) call;
    Calls.ignoreCancelling(call);
    server.disableAutoRequest();
    server.request(1);
    return new ChunkReportStream(reports, facts.incarnation(), server, pool);
  }

  @Override
  public void heartbeat(HeartbeatRequest request, StreamObserver<HeartbeatReply> call) {
    Calls.ignoreCancelling(call);
    int server = request.getServerId();
    try {
      ServerClaims.check(request.getDisksList());
    } catch (CairnException e) {
      Calls.refuse(call, e);
      return;
    }
    boolean ofThisStart = request.getMasterIncarnation() == facts.incarnation();
    String replaced = ofThisStart ? fleet.replaced(server, request.getIncarnation()) : "";
    if (!replaced.isEmpty()) {
      Calls.reply(call, reply().setReplaced(replaced).build());
      return;
    }
    boolean known =
        ofThisStart
            && fleet.heard(
                server,
                request.getDisksList(),
                request.getChunkCount(),
                request.getOpenConnections(),
                time.ticks());
    if (!known) {
      Calls.reply(call, reply().setRegisterAgain(true).build());
      return;
    }
    if (request.getLeaving()) {
      fleet.leaves(server);
    }
    // Not answerOn: by then it is too late to say what cancelling means.
    Runnable answer = () -> pool.execute(() -> Calls.answer(call, () -> told(server, request)));
    List<Long> gone = new ArrayList<>(request.getLostChunksList());
    gone.addAll(request.getAbsentChunksList());
    forgetLost(server, gone, request.getSettledAnswer());
    verified(server, request.getVerifiedChunksList());
    Runnable takeCopied = () -> takeCopied(server, request.getCopiedList(), answer);
    if (request.getBadReplicasCount() == 0) {
      takeCopied.run();
    } else {
      badReports.report(server, request.getBadReplicasList(), takeCopied);
    }
  }

  /** Counts replicas that were made, and has those checked that could not be copied from. */
  private void takeCopied(int server, List<CopyResult> results, Runnable done) {
    if (results.isEmpty()) {
      done.run();
      return;
    }
    List<ChunkReplica> copied = new ArrayList<>();
    for (CopyResult result : results) {
      if (result.getLength() > 0) {
        copied.add(
            ChunkReplica.newBuilder()
                .setChunkId(result.getChunkId())
                .setLength(result.getLength())
                .setSealed(true)
                .build());
      }
      for (BadSource source : result.getBadSourcesList()) {
        if (replicas.holds(result.getChunkId(), source.getServerId())) {
          badReports.suspect(source.getServerId(), result.getChunkId(), source.getReason());
        }
      }
    }
    reports.confirm(
        server,
        copied,
        () -> {
          reports.unknown(server, compaction.ended(server, results));
          done.run();
        });
  }

  /**
   * The answer to a heartbeat: what to delete, copy and check. Nothing else tells a chunk server to
   * let go of a replica, so that this is where deletions are held. The copies it told of are
   * counted already, on the writer's thread, which does not wait for what else is to be said of
   * them.
   */
  private HeartbeatReply told(int server, HeartbeatRequest request) {
    repairs.ended(server, request.getCopiedList());
    boolean mayDelete = latest.whyDeletionsAreHeld().isEmpty();
    Garbage.Picked picked =
        mayDelete ? garbage.pick(latest, server, time.now()) : Garbage.Picked.NOTHING;
    if (!picked.nowhere().isEmpty() && fleet.allReported()) {
      forgetGarbage(picked.nowhere());
    }
    Repairs.Going spare = repairs.going(server, request.getCopyingList(), mayDelete);
    HeartbeatReply.Builder reply =
        reply()
            .addAllDeleteChunks(picked.toDelete())
            .addAllQuarantineChunks(picked.strays())
            .setAnswer(spare.answer())
            .addAllSurplusChunks(spare.surplus())
            .addAllUnfitChunks(spare.unfit())
            .addAllCopies(repairs.orders(server, request.getCopyingList()))
            .addAllBuilds(compaction.orders(server, request.getCopyingList()))
            .setCopyStreams(repairs.settings().streams())
            .setCopyBytesPerSecond(repairs.settings().bytesPerSecond())
            .setKeepQuarantine(!mayDelete)
            .addAllVerifyChunks(replicas.suspectsOn(server, MOST_TO_VERIFY))
            .setNotice(refused.rivals(fleet.uuid(server), time.ticks()));
    fleet.scrubs(server, request.getScrub(), reply);
    fleet.drains(server, request.getDraining(), time.ticks(), reply);
    return reply.build();
  }

  private HeartbeatReply.Builder reply() {
    return HeartbeatReply.newBuilder()
        .setTerm(group.term())
        .setLeading(true)
        .addAllMasters(group.addresses());
  }

  private void forgetLost(int server, List<Long> chunks, long settledAnswer) {
    ReplicaMap.Aftermath aftermath = replicas.lost(server, chunks, settledAnswer);
    unmark(server, aftermath.marked());
    if (!aftermath.lastOfGarbage().isEmpty() && fleet.allReported()) {
      forgetGarbage(aftermath.lastOfGarbage());
    }
  }

  /** Takes back what was said against replicas that their server has read and found well. */
  private void verified(int server, List<Long> chunks) {
    List<Long> marked = new ArrayList<>();
    for (long chunk : chunks) {
      if (replicas.checked(chunk, server) && replicas.isBad(chunk, server)) {
        marked.add(chunk);
      }
    }
    unmark(server, marked);
  }

  private void unmark(int server, List<Long> marked) {
    if (!marked.isEmpty()) {
      writer.submit((view, now) -> ServerDecider.forget(view, server, marked), Answer.ignored());
    }
  }

  private void forgetGarbage(List<Long> chunks) {
    writer.submit((view, now) -> GarbageDecider.deleted(view, chunks), Answer.ignored());
  }
}
