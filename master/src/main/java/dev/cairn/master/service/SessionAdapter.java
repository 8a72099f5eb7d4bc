package dev.cairn.master.service;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.SessionDecider;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.Writer;
import dev.cairn.master.query.ClusterFacts;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.session.LiveLeases;
import dev.cairn.master.session.LiveSession;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.session.SessionRoom;
import dev.cairn.master.state.MetadataView;
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
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens sessions, keeps them alive and closes them. */
public final class SessionAdapter extends SessionServiceGrpc.SessionServiceImplBase {

  private static final Logger log = LoggerFactory.getLogger(SessionAdapter.class);

  private static final int HEARTBEATS_PER_TIME_TO_LIVE = 10;
  private static final int MOST_HEARTBEAT_MILLIS = 2000;

  private final Writer writer;
  private final LiveSessions sessions;
  private final LiveLeases leases;
  private final SessionRoom room;
  private final Fleet fleet;
  private final ClusterFacts facts;
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
      Time time,
      Duration timeToLive,
      LongSupplier epochs) {
    this.writer = writer;
    this.sessions = sessions;
    this.leases = leases;
    this.room = room;
    this.fleet = fleet;
    this.facts = facts;
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
        (view, now) -> open(view, request, address, epoch),
        new Answer<Session>() {
          @Override
          public void granted(Session session) {
            LiveSession live = sessions.get(session.getId());
            if (live != null) {
              live.from(address);
            }
            Calls.reply(call, opened(session));
          }

          @Override
          public void refused(CairnException why) {
            Calls.refuse(call, why);
          }
        });
  }

  /** Opens a session, if need be in place of one that holds nothing. */
  private Decision<Session> open(
      MetadataView view, OpenSessionRequest request, String address, long epoch)
      throws CairnException {
    LiveSession expendable = room.expendable(address);
    Decision<Session> opened =
        SessionDecider.open(view, request.getDescription(), request.getUser(), epoch);
    if (expendable == null) {
      return opened;
    }
    log.warn(
        "session {} of {} ends: there are as many as there may be, and it holds nothing",
        expendable.id(),
        expendable.description());
    List<Record> records = new ArrayList<>(SessionDecider.end(view, expendable.id()).records());
    records.addAll(opened.records());
    return new Decision<>(records, opened.reply());
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

  private OpenSessionReply opened(Session session) {
    long millis = timeToLive.toMillis();
    return OpenSessionReply.newBuilder()
        .setSessionId(session.getId())
        .setEpoch(session.getEpoch())
        .setHeartbeatMillis(
            (int) Math.min(MOST_HEARTBEAT_MILLIS, millis / HEARTBEATS_PER_TIME_TO_LIVE))
        .setClusterId(facts.clusterId())
        .setMasterIncarnation(facts.incarnation())
        .addAllServers(fleet.livingAddresses())
        .build();
  }

  @Override
  public void keepAlive(KeepAliveRequest request, StreamObserver<KeepAliveReply> call) {
    if (isOfOtherCluster(request.getClusterId(), call)) {
      return;
    }
    if (request.getOpenInodesComplete()) {
      writer.submit(
          request.getSessionId(), (view, now) -> comeBack(view, request), backOrNot(request, call));
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
        .addAllLostLeases(lost(request.getLeasesList()))
        .build();
  }

  /** Ends a session that was granted what this master has no record of; answers whether it did. */
  private Decision<Boolean> comeBack(MetadataView view, KeepAliveRequest request)
      throws CairnException {
    LiveSession session = sessions.alive(request.getSessionId(), request.getEpoch(), time.ticks());
    if (request.getMasterIncarnation() != facts.incarnation()) {
      return Decision.replyOnly(false);
    }
    if (session.isBack() || SessionDecider.remembers(view, request)) {
      session.back(request.getOpenInodesList(), request.getWrittenInodesList());
      return Decision.replyOnly(false);
    }
    log.warn(
        "session {} of {} is ended: the end of the master's log is lost, and with it what was"
            + " answered to this client",
        session.id(),
        session.description());
    return SessionDecider.end(view, session.id());
  }

  private Answer<Boolean> backOrNot(KeepAliveRequest request, StreamObserver<KeepAliveReply> call) {
    Calls.ignoreCancelling(call);
    return new Answer<>() {
      @Override
      public void granted(Boolean ended) {
        if (ended) {
          Calls.refuse(call, SessionDecider.expired(request.getSessionId()));
        } else {
          Calls.reply(call, alive(request));
        }
      }

      @Override
      public void refused(CairnException why) {
        Calls.refuse(call, why);
      }
    };
  }

  private List<Long> lost(List<HeldLease> believed) {
    return believed.stream()
        .filter(lease -> !leases.isInForce(lease.getInode(), lease.getLease()))
        .map(HeldLease::getInode)
        .toList();
  }

  @Override
  public void closeSession(CloseSessionRequest request, StreamObserver<CloseSessionReply> call) {
    Calls.ignoreCancelling(call);
    writer.submit(
        request.getSessionId(),
        (view, now) -> {
          SessionDecider.require(view, request.getSessionId(), request.getEpoch());
          return SessionDecider.end(view, request.getSessionId());
        },
        new Answer<Boolean>() {
          @Override
          public void granted(Boolean ended) {
            Calls.reply(call, CloseSessionReply.getDefaultInstance());
          }

          @Override
          public void refused(CairnException why) {
            Calls.refuse(call, why);
          }
        });
  }
}
