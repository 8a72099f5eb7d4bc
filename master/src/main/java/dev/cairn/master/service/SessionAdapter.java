package dev.cairn.master.service;

import dev.cairn.master.command.CloseSession;
import dev.cairn.master.command.ComeBack;
import dev.cairn.master.command.OpenSession;
import dev.cairn.master.decide.ServerClaims;
import dev.cairn.master.decide.SessionDecider;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.Writer;
import dev.cairn.master.query.ClusterFacts;
import dev.cairn.master.query.MasterGroup;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.session.LiveLeases;
import dev.cairn.master.session.LiveSession;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.session.SessionRoom;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.admission.ClusterCheck;
import dev.cairn.rpc.control.ClientAddress;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.CloseSessionReply;
import dev.cairn.rpc.proto.CloseSessionRequest;
import dev.cairn.rpc.proto.HeldLease;
import dev.cairn.rpc.proto.KeepAliveReply;
import dev.cairn.rpc.proto.KeepAliveRequest;
import dev.cairn.rpc.proto.OpenSessionReply;
import dev.cairn.rpc.proto.OpenSessionRequest;
import dev.cairn.rpc.proto.SessionServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/** Opens sessions, keeps them alive and closes them. */
public final class SessionAdapter extends SessionServiceGrpc.SessionServiceImplBase {

  private static final int HEARTBEATS_PER_TIME_TO_LIVE = 10;
  private static final int MOST_HEARTBEAT_MILLIS = 2000;

  private final Writer writer;
  private final LiveSessions sessions;
  private final LiveLeases leases;
  private final SessionRoom room;
  private final Fleet fleet;
  private final ClusterFacts facts;
  private final MasterGroup group;
  private final Time time;
  private final Duration timeToLive;
  private final LongSupplier epochs;

  /**
   * An adapter.
   *
   * @param epochs random numbers that cannot be guessed
   */
  public SessionAdapter(
      Writer writer,
      LiveSessions sessions,
      LiveLeases leases,
      SessionRoom room,
      Fleet fleet,
      ClusterFacts facts,
      MasterGroup group,
      Time time,
      Duration timeToLive,
      LongSupplier epochs) {
    this.writer = writer;
    this.sessions = sessions;
    this.leases = leases;
    this.room = room;
    this.fleet = fleet;
    this.facts = facts;
    this.group = group;
    this.time = time;
    this.timeToLive = timeToLive;
    this.epochs = epochs;
  }

  @Override
  public void openSession(OpenSessionRequest request, StreamObserver<OpenSessionReply> call) {
    Calls.ignoreCancelling(call);
    if (isOfOtherCluster(request.getClusterId(), call)) {
      return;
    }
    long epoch = epochs.getAsLong();
    String address = ClientAddress.current();
    writer.submit(
        Writer.NEWCOMERS,
        new OpenSession(room, request, address, epoch),
        new Answer<OpenSession.Opened>() {
          @Override
          public void granted(OpenSession.Opened opened) {
            Session session = opened.session();
            LiveSession live = sessions.get(session.getId());
            if (live != null) {
              live.from(address);
              live.servesHttp(ServerClaims.url(request.getHttp()));
            }
            Calls.reply(call, reply(session));
          }

          @Override
          public void refused(CairnException why) {
            Calls.refuse(call, why);
          }
        });
  }

  private boolean isOfOtherCluster(String claimed, StreamObserver<?> call) {
    try {
      ClusterCheck.require(facts.clusterId(), claimed);
      return false;
    } catch (CairnException e) {
      Calls.refuse(call, e);
      return true;
    }
  }

  private OpenSessionReply reply(Session session) {
    long millis = timeToLive.toMillis();
    return OpenSessionReply.newBuilder()
        .setSessionId(session.getId())
        .setEpoch(session.getEpoch())
        .setHeartbeatMillis(
            (int) Math.min(MOST_HEARTBEAT_MILLIS, millis / HEARTBEATS_PER_TIME_TO_LIVE))
        .setClusterId(facts.clusterId())
        .setMasterIncarnation(facts.incarnation())
        .addAllServers(fleet.livingAddresses())
        .addAllMasters(group.addresses())
        .build();
  }

  @Override
  public void keepAlive(KeepAliveRequest request, StreamObserver<KeepAliveReply> call) {
    if (isOfOtherCluster(request.getClusterId(), call)) {
      return;
    }
    if (request.getOpenInodesComplete()) {
      comeBack(request, call);
      return;
    }
    Calls.answer(
        call,
        () -> {
          LiveSession session =
              sessions.alive(request.getSessionId(), request.getEpoch(), time.ticks());
          session.closed(request.getClosedInodesList(), request.getNumber());
          for (HeldLease lease : request.getLeasesList()) {
            leases.renewed(session.id(), lease, time.ticks());
          }
          return alive(request);
        });
  }

  private KeepAliveReply alive(KeepAliveRequest request) {
    return KeepAliveReply.newBuilder()
        .setMasterIncarnation(facts.incarnation())
        .addAllServers(fleet.livingAddresses())
        .addAllMasters(group.addresses())
        .addAllLostLeases(lost(request.getLeasesList()))
        .build();
  }

  private void comeBack(KeepAliveRequest request, StreamObserver<KeepAliveReply> call) {
    Calls.ignoreCancelling(call);
    try {
      sessions.alive(request.getSessionId(), request.getEpoch(), time.ticks());
    } catch (CairnException e) {
      Calls.refuse(call, e);
      return;
    }
    writer.submit(
        request.getSessionId(),
        new ComeBack(sessions, facts.incarnation(), request),
        new Answer<ComeBack.Outcome>() {
          @Override
          public void granted(ComeBack.Outcome outcome) {
            if (outcome == ComeBack.Outcome.ENDED) {
              Calls.refuse(call, SessionDecider.expired(request.getSessionId()));
            } else {
              LiveSession live = sessions.get(request.getSessionId());
              if (live != null) {
                live.servesHttp(ServerClaims.url(request.getHttp()));
              }
              Calls.reply(call, alive(request));
            }
          }

          @Override
          public void refused(CairnException why) {
            Calls.refuse(call, why);
          }
        });
  }

  private List<Long> lost(List<HeldLease> believed) {
    return believed.stream()
        .filter(lease -> !leases.isInForce(lease.getInode(), lease.getLease()))
        .map(HeldLease::getInode)
        .toList();
  }

  @Override
  public void closeSession(CloseSessionRequest request, StreamObserver<CloseSessionReply> call) {
    writer.submit(request.getSessionId(), new CloseSession(request), Calls.answering(call));
  }
}
