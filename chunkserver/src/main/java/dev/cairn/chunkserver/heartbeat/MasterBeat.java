package dev.cairn.chunkserver.heartbeat;

import dev.cairn.chunkserver.copy.Copies;
import dev.cairn.chunkserver.heartbeat.Heartbeat.Server;
import dev.cairn.chunkserver.scrub.Verifier;
import dev.cairn.chunkserver.store.DiskReport;
import dev.cairn.chunkserver.store.Findings;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.BadReplica;
import dev.cairn.rpc.proto.CopyResult;
import dev.cairn.rpc.proto.DiskStatus;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.HeartbeatRequest;
import dev.cairn.rpc.proto.RegisterReply;
import dev.cairn.rpc.proto.RegisterRequest;
import java.io.Closeable;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers at one master, reports to it, and beats until it is closed, on a thread of its own: a
 * master that does not answer keeps nobody else waiting.
 */
final class MasterBeat implements Closeable {

  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 2000;
  private static final long WITHDRAWING_PAUSE_MILLIS = 20;
  private static final int FINDINGS_PER_BEAT = 20_000;
  private static final int COPIES_PER_BEAT = 20_000;

  private enum State {
    REGISTERING,
    REPORTING,
    BEATING
  }

  private final HostPort master;
  private final MasterLink link;
  private final Server server;
  private final Orders orders;
  private final Untold untold = new Untold();
  private final Thread thread;
  // A permit ends the pause between two beats.
  private final Semaphore news = new Semaphore(0);
  private volatile boolean stopping;

  private State state = State.REGISTERING;
  private RegisterReply registration = RegisterReply.getDefaultInstance();
  private long pauseMillis = FIRST_PAUSE_MILLIS;

  /** Why this master does not know the server, as it was logged last; null when it does. */
  private ErrorCode lost;

  MasterBeat(HostPort master, Server server, Orders orders) {
    this.master = master;
    this.link = new MasterLink(master);
    this.server = server;
    this.orders = orders;
    this.thread = new Thread(this::run, "heartbeat");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** A chunk is gone from here. */
  void lost(long chunkId) {
    untold.lost(chunkId);
  }

  /** A copy has ended. */
  void copied(CopyResult result) {
    untold.copied(result);
    news.release();
  }

  private void run() {
    try {
      while (!stopping && !server.refused().isDone()) {
        long wait = step();
        if (news.tryAcquire(wait, TimeUnit.MILLISECONDS)) {
          news.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      LOG.error("the heartbeat was interrupted", e);
    }
  }

  /** Does what comes next, and says how long to wait then. */
  private long step() {
    try {
      return switch (state) {
        case REGISTERING -> orders.mayRegister(master) ? register() : WITHDRAWING_PAUSE_MILLIS;
        case REPORTING -> report();
        case BEATING -> untold.isOverflown() ? registerAgain() : beat();
      };
    } catch (IOException e) {
      return failed(e);
    } catch (RuntimeException e) {
      // The boundary of the thread: without a heartbeat the server is as good as dead.
      LOG.error("a heartbeat failed", e);
      return LONGEST_PAUSE_MILLIS;
    }
  }

  private long registerAgain() {
    state = State.REGISTERING;
    return 0;
  }

  private long register() throws IOException {
    RegisterRequest.Builder request =
        RegisterRequest.newBuilder()
            .setServerUuid(server.identity().serverUuid())
            .setClusterId(server.identity().clusterId())
            .setHost(server.member().address().host())
            .setDataPort(server.member().address().port())
            .setIncarnation(server.member().incarnation())
            .setZone(server.member().zone())
            .setVersion(server.member().version())
            .setHttp(server.member().http());
    server.store().disks().forEach(disk -> request.addDisks(status(disk)));
    // What has changed before is in the report, which begins after this.
    untold.beginAnew();
    registration = link.register(request.build());
    found();
    server.join(registration.getClusterId());
    if (!orders.registered(master, registration)) {
      return WITHDRAWING_PAUSE_MILLIS;
    }
    if (leads(registration)) {
      server.port().serve();
    }
    state = State.REPORTING;
    return 0;
  }

  private boolean leads(RegisterReply reply) {
    return orders.leads(reply.getTerm(), reply.getLeading());
  }

  private long report() throws CairnException {
    link.report(
        server.store(),
        registration.getServerId(),
        registration.getMasterIncarnation(),
        server.member().incarnation());
    found();
    LOG.info(
        "registered at the master at {} as server {} of cluster {}",
        master,
        registration.getServerId(),
        registration.getClusterId());
    state = State.BEATING;
    if (leads(registration)) {
      server.joined().complete(null);
    }
    return 0;
  }

  private long beat() throws CairnException {
    boolean followed = orders.isFollowed(master);
    // In this order: what went before the server settled is told with that, or before, and what was
    // lost before it was copied again is not told after that.
    long settled = orders.settled(master);
    Copies.Page ended = server.copies().untold(COPIES_PER_BEAT);
    Verifier.Page verified = server.verifier().untold();
    Findings.Page found = server.store().findings().untold(FINDINGS_PER_BEAT);
    Untold.Page own = untold.page(FINDINGS_PER_BEAT);
    Set<Long> gone = new LinkedHashSet<>(own.lost());
    Map<Long, CopyResult> copied = new LinkedHashMap<>();
    own.copied().forEach(result -> copied.put(result.getChunkId(), result));
    if (followed) {
      gone.addAll(found.lost());
      ended.ended().forEach(result -> copied.put(result.getChunkId(), result));
    }
    HeartbeatRequest.Builder request =
        said()
            .addAllLostChunks(gone)
            .addAllVerifiedChunks(verified.good())
            .addAllAbsentChunks(verified.absent())
            .setOpenConnections(server.port().openConnections())
            .setSettledAnswer(gone.size() < FINDINGS_PER_BEAT ? settled : 0)
            .addAllCopied(copied.values())
            .addAllCopying(ended.pending());
    for (Findings.Bad bad : found.bad()) {
      request.addBadReplicas(
          BadReplica.newBuilder().setChunkId(bad.chunkId()).setReason(bad.reason()));
    }
    for (Verifier.Damage damage : verified.damaged()) {
      request.addBadReplicas(
          BadReplica.newBuilder().setChunkId(damage.chunkId()).setReason(damage.reason()));
    }
    HeartbeatReply reply = link.heartbeat(request.build());
    found();
    if (!reply.getReplaced().isEmpty()) {
      withhold(reply.getReplaced());
      state = State.REGISTERING;
      return LONGEST_PAUSE_MILLIS;
    }
    if (reply.getRegisterAgain()) {
      return registerAgain();
    }
    untold.told(own);
    boolean obeyed = orders.take(master, reply);
    if (obeyed || orders.isNoOtherFollowed(master)) {
      server.masters().accept(reply.getMastersList());
    }
    if (obeyed) {
      // What takes a record to be remembered counts as told when the leader has heard it.
      server.verifier().told(verified);
      server.store().findings().told(followed ? found : onlyBad(found));
      if (followed) {
        server.copies().told(ended);
      }
      server.joined().complete(null);
    }
    return Math.max(1, registration.getHeartbeatMillis());
  }

  private static Findings.Page onlyBad(Findings.Page page) {
    return new Findings.Page(page.bad(), List.of());
  }

  /** What every heartbeat says. */
  private HeartbeatRequest.Builder said() {
    HeartbeatRequest.Builder request =
        HeartbeatRequest.newBuilder()
            .setServerId(registration.getServerId())
            .setMasterIncarnation(registration.getMasterIncarnation())
            .setIncarnation(server.member().incarnation())
            .setChunkCount(server.store().count())
            .setDraining(orders.isDraining())
            .setScrub(server.scrubber().status());
    server.store().disks().forEach(disk -> request.addDisks(status(disk)));
    return request;
  }

  private static DiskStatus status(DiskReport disk) {
    return DiskStatus.newBuilder()
        .setPath(disk.path())
        .setTotalBytes(disk.totalBytes())
        .setFreeBytes(disk.freeBytes())
        .setFailure(disk.failure())
        .setFilesystem(disk.filesystem())
        .setHeldBytes(disk.heldBytes())
        .setQuarantinedBytes(disk.quarantinedBytes())
        .setQuarantinedChunks(disk.quarantinedChunks())
        .build();
  }

  private void found() {
    pauseMillis = FIRST_PAUSE_MILLIS;
    if (lost != null) {
      lost = null;
      LOG.info("the master at {} answers again", master);
    }
  }

  /** Serves nothing, unless another master is followed, which knows better. */
  private void withhold(String why) {
    if (orders.isNoOtherFollowed(master)) {
      server.port().withhold(why);
    }
  }

  private long failed(IOException e) {
    if (stopping) {
      return 0;
    }
    if (state == State.REGISTERING && isFinal(e)) {
      server.refused().complete((CairnException) e);
      return 0;
    }
    if (state == State.REPORTING || isUnregistered(e)) {
      state = State.REGISTERING;
    }
    ErrorCode kind = kind(e);
    if (kind == ErrorCode.IDENTITY_IN_USE) {
      withhold(e.getMessage());
    }
    if (lost != kind && kind != ErrorCode.STARTING) {
      lost = kind;
      LOG.warn("{}; trying on", e.getMessage());
    }
    if (kind == ErrorCode.STARTING) {
      return FIRST_PAUSE_MILLIS;
    }
    long pause = pauseMillis;
    pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
    return pause;
  }

  /** Tells the refusals that are logged by themselves from a master that is away. */
  private static ErrorCode kind(IOException e) {
    ErrorCode code = e instanceof CairnException own ? own.code() : ErrorCode.IO;
    return switch (code) {
      case IDENTITY_IN_USE, OTHER_CLUSTER -> code;
      // It follows: if it comes to lead, it must hear of this server soon.
      case STARTING, NOT_LEADER -> ErrorCode.STARTING;
      default -> ErrorCode.UNREACHABLE;
    };
  }

  /** Whether registering would fail for ever: something of it is wrong, or not allowed. */
  private static boolean isFinal(IOException e) {
    return e instanceof CairnException own
        && (own.code() == ErrorCode.INVALID
            || own.code() == ErrorCode.NOT_PERMITTED
            || own.code() == ErrorCode.ACCESS_DENIED);
  }

  private static boolean isUnregistered(IOException e) {
    return e instanceof CairnException own && own.code() == ErrorCode.UNREGISTERED;
  }

  /** Tells the master that it may register another process in this one's place at once. */
  private void leave() {
    if (state != State.BEATING) {
      return;
    }
    try (MasterLink word = new MasterLink(master)) {
      word.leave(said().setLeaving(true).build());
    } catch (CairnException e) {
      LOG.debug("the master could not be told of the end", e);
    }
  }

  /** Ends soon; {@link #close} waits for that. */
  void stop() {
    stopping = true;
    news.release();
    link.close();
  }

  @Override
  public void close() {
    stop();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    leave();
  }
}
