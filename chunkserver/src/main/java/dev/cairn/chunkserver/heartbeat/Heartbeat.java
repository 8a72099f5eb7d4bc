package dev.cairn.chunkserver.heartbeat;

import dev.cairn.chunkserver.copy.Copies;
import dev.cairn.chunkserver.scrub.Scrubber;
import dev.cairn.chunkserver.scrub.Verifier;
import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.chunkserver.store.DiskReport;
import dev.cairn.chunkserver.store.Findings;
import dev.cairn.chunkserver.store.ServerIdentity;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.BadReplica;
import dev.cairn.rpc.proto.DiskStatus;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.HeartbeatRequest;
import dev.cairn.rpc.proto.RegisterReply;
import dev.cairn.rpc.proto.RegisterRequest;
import dev.cairn.rpc.wire.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Registers at the master, reports, and beats until it is closed. */
public final class Heartbeat implements Closeable {

  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 2000;
  private static final long WITHDRAWING_PAUSE_MILLIS = 20;
  private static final int FINDINGS_PER_BEAT = 20_000;
  private static final int COPIES_PER_BEAT = 20_000;

  /** The data port, as the heartbeat looks at it. */
  public interface Port {
    int openConnections();

    /** Bytes read and written for clients so far. */
    long clientBytes();

    /** Clients' bytes are to be refused, or no longer. */
    void drain(boolean draining);

    /** Nothing is to be served until {@link #serve}, for the reason in that sentence. */
    void withhold(String why);

    /** Everything is to be served. */
    void serve();
  }

  private enum State {
    REGISTERING,
    REPORTING,
    BEATING
  }

  private final HostPort master;
  private final MasterLink link;
  private final Member member;
  private final ChunkStore store;
  private final ServerIdentity identity;
  private final Port port;
  private final Scrubber scrubber;
  private final Verifier verifier;
  private final Deletions deletions;
  private final Deletions quarantine;
  private final Copies copies;
  private final Thread thread = new Thread(this::run, "heartbeat");
  // A permit ends the pause between two beats.
  private final Semaphore news = new Semaphore(0);
  private volatile boolean stopping;
  private final CompletableFuture<Void> joined = new CompletableFuture<>();
  private final CompletableFuture<CairnException> refused = new CompletableFuture<>();

  private State state = State.REGISTERING;
  private RegisterReply registration = RegisterReply.getDefaultInstance();
  private long pauseMillis = FIRST_PAUSE_MILLIS;

  /** Why the server is out of its cluster, as it was logged last; null when it is not. */
  private ErrorCode lost;

  private boolean draining;
  private String notice = "";

  /**
   * @param transport for copies from other servers
   * @param port is told whether to take clients' bytes; stays the caller's
   * @param scrubber is told what the master asks for; stays the caller's, as does the verifier
   */
  public Heartbeat(
      HostPort master,
      Member member,
      ChunkStore store,
      ServerIdentity identity,
      Transport transport,
      Port port,
      Scrubber scrubber,
      Verifier verifier) {
    this.master = master;
    this.link = new MasterLink(master);
    this.member = member;
    this.store = store;
    this.identity = identity;
    this.port = port;
    this.scrubber = scrubber;
    this.verifier = verifier;
    this.deletions = new Deletions("chunk-deletions", store::delete);
    this.quarantine = new Deletions("chunk-quarantine", store::quarantine);
    this.copies =
        new Copies(store, transport, identity::clusterId, port::clientBytes, news::release);
    thread.setDaemon(true);
  }

  public void start() {
    deletions.start();
    quarantine.start();
    thread.start();
  }

  /** Completes when the server is registered and has reported its chunks for the first time. */
  public CompletableFuture<Void> joined() {
    return joined;
  }

  /** Completes when the master does not want this server, which is final. */
  public CompletableFuture<CairnException> refused() {
    return refused;
  }

  private void run() {
    try {
      while (!stopping && !refused.isDone()) {
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
        case REGISTERING -> withdrawsSpares() ? register() : WITHDRAWING_PAUSE_MILLIS;
        case REPORTING -> report();
        case BEATING -> beat();
      };
    } catch (IOException e) {
      return failed(e);
    } catch (RuntimeException e) {
      // The boundary of the thread: without a heartbeat the server is as good as dead.
      LOG.error("a heartbeat failed", e);
      return LONGEST_PAUSE_MILLIS;
    }
  }

  /**
   * Whether nothing goes any more by what the master said: who registers has it judged anew, on the
   * strength of a report of what is here.
   */
  private boolean withdrawsSpares() {
    boolean deleting = !deletions.withdrawSpares();
    boolean puttingAside = !quarantine.withdrawSpares();
    return !deleting && !puttingAside;
  }

  private long register() throws IOException {
    RegisterRequest.Builder request =
        RegisterRequest.newBuilder()
            .setServerUuid(identity.serverUuid())
            .setClusterId(identity.clusterId())
            .setHost(member.address().host())
            .setDataPort(member.address().port())
            .setIncarnation(member.incarnation())
            .setZone(member.zone())
            .setVersion(member.version());
    store.disks().forEach(disk -> request.addDisks(status(disk)));
    registration = link.register(request.build());
    found();
    identity.join(registration.getClusterId());
    port.serve();
    state = State.REPORTING;
    return 0;
  }

  private long report() throws CairnException {
    link.report(
        store,
        registration.getServerId(),
        registration.getMasterIncarnation(),
        member.incarnation());
    found();
    LOG.info(
        "registered at the master at {} as server {} of cluster {}",
        master,
        registration.getServerId(),
        registration.getClusterId());
    state = State.BEATING;
    joined.complete(null);
    return 0;
  }

  private long beat() throws CairnException {
    // In this order: what went before the server settled is told with that, or before, and what was
    // lost before it was copied again is not told after that.
    long settled = Math.min(deletions.settled(), quarantine.settled());
    Copies.Page copied = copies.untold(COPIES_PER_BEAT);
    Verifier.Page verified = verifier.untold();
    Findings.Page page = store.findings().untold(FINDINGS_PER_BEAT);
    HeartbeatRequest.Builder request =
        HeartbeatRequest.newBuilder()
            .setServerId(registration.getServerId())
            .setMasterIncarnation(registration.getMasterIncarnation())
            .setIncarnation(member.incarnation())
            .setChunkCount(store.count())
            .addAllLostChunks(page.lost())
            .addAllVerifiedChunks(verified.good())
            .addAllAbsentChunks(verified.absent())
            .setOpenConnections(port.openConnections())
            .setDraining(draining)
            .setSettledAnswer(page.lost().size() < FINDINGS_PER_BEAT ? settled : 0)
            .setScrub(scrubber.status())
            .addAllCopied(copied.ended())
            .addAllCopying(copied.pending());
    store.disks().forEach(disk -> request.addDisks(status(disk)));
    for (Findings.Bad bad : page.bad()) {
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
      port.withhold(reply.getReplaced());
      state = State.REGISTERING;
      return LONGEST_PAUSE_MILLIS;
    }
    if (reply.getRegisterAgain()) {
      state = State.REGISTERING;
      return 0;
    }
    store.findings().told(page);
    copies.told(copied);
    verifier.told(verified);
    verifier.ask(reply.getVerifyChunksList());
    // In this order: what is no longer to be put aside may be copied again.
    deletions.replaceSpares(reply.getAnswer(), reply.getSurplusChunksList());
    quarantine.replaceSpares(reply.getAnswer(), reply.getUnfitChunksList());
    copies.take(reply);
    deletions.addGarbage(reply.getDeleteChunksList());
    quarantine.addGarbage(reply.getQuarantineChunksList());
    draining = reply.getDraining();
    port.drain(draining);
    store.keepQuarantine(reply.getKeepQuarantine());
    scrubber.ask(reply.getScrubRequest(), reply.getScrubFullSpeed());
    hear(reply.getNotice());
    return Math.max(1, registration.getHeartbeatMillis());
  }

  private void hear(String newNotice) {
    if (!newNotice.isEmpty() && !newNotice.equals(notice)) {
      LOG.warn("the master says: {}", newNotice);
    }
    notice = newNotice;
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

  private long failed(IOException e) {
    if (stopping) {
      return 0;
    }
    if (state == State.REGISTERING && isFinal(e)) {
      refused.complete((CairnException) e);
      return 0;
    }
    if (state == State.REPORTING || isUnregistered(e)) {
      state = State.REGISTERING;
    }
    ErrorCode kind = kind(e);
    if (kind == ErrorCode.IDENTITY_IN_USE) {
      port.withhold(e.getMessage());
    }
    if (lost != kind) {
      lost = kind;
      LOG.warn("{}; trying on", e.getMessage());
    }
    long pause = pauseMillis;
    pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
    return pause;
  }

  /** Tells the refusals that are logged by themselves from a master that is away. */
  private static ErrorCode kind(IOException e) {
    ErrorCode code = e instanceof CairnException own ? own.code() : ErrorCode.IO;
    return code == ErrorCode.IDENTITY_IN_USE || code == ErrorCode.OTHER_CLUSTER
        ? code
        : ErrorCode.UNREACHABLE;
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
    HeartbeatRequest.Builder last =
        HeartbeatRequest.newBuilder()
            .setServerId(registration.getServerId())
            .setMasterIncarnation(registration.getMasterIncarnation())
            .setIncarnation(member.incarnation())
            .setChunkCount(store.count())
            .setDraining(draining)
            .setScrub(scrubber.status())
            .setLeaving(true);
    store.disks().forEach(disk -> last.addDisks(status(disk)));
    try (MasterLink word = new MasterLink(master)) {
      word.leave(last.build());
    } catch (CairnException e) {
      LOG.debug("the master could not be told of the end", e);
    }
  }

  @Override
  public void close() {
    stopping = true;
    news.release();
    link.close();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    leave();
    copies.close();
    deletions.close();
    quarantine.close();
  }
}
