package dev.cairn.client.master;

import dev.cairn.client.Failures;
import dev.cairn.client.Timer;
import dev.cairn.rpc.admission.ClusterCheck;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.CloseSessionRequest;
import dev.cairn.rpc.proto.HeldLease;
import dev.cairn.rpc.proto.KeepAliveReply;
import dev.cairn.rpc.proto.KeepAliveRequest;
import dev.cairn.rpc.proto.OpenSessionReply;
import dev.cairn.rpc.proto.OpenSessionRequest;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.proto.SessionServiceGrpc;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This client's registration at the master. Heartbeats keep it alive, tell which inodes are no
 * longer open, and bring the addresses of the chunk servers. When the master has expired it, a new
 * one is opened: requests made under the old one stay refused, which is what fences this client's
 * late writes.
 */
final class Session {

  /** An open that is under way, as distinct from every other one. */
  private static final class Opening {
    final long inode;
    final boolean write;

    Opening(long inode, boolean write) {
      this.inode = inode;
      this.write = write;
    }
  }

  /** A heartbeat to be, which is sent once, by the timer or before. */
  private final class Beat implements Runnable {
    final Registration of;

    Beat(Registration of) {
      this.of = of;
    }

    @Override
    public void run() {
      synchronized (lock) {
        if (next != this) {
          return;
        }
        next = null;
      }
      beat(of);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  /** Instead of a master's incarnation. */
  private static final long NONE_KNOWN = 0;

  private final Calls calls;
  private final Timer timer;
  private final ClientName name;
  private final Consumer<List<ServerAddress>> servers;
  private final Holdings holdings;
  private final Object lock = new Object();

  /** Set once, under the lock; empty before the first session is open. */
  private volatile String clusterId = "";

  /** Closed since the last heartbeat was sent. Guarded by the lock, as all below. */
  private Set<Long> closed = new HashSet<>();

  /** In the heartbeat under way: opening one of them must wait for its end. */
  private Set<Long> closing = Set.of();

  /** Under way: the master may count them as open before this client does. */
  private final Set<Opening> openings = new HashSet<>();

  private CompletableFuture<Void> heartbeat = CompletableFuture.completedFuture(null);
  private CompletableFuture<Registration> registration;
  private long masterIncarnation = NONE_KNOWN;
  private long lastHeartbeat;
  private Duration period = Duration.ZERO;

  /** The heartbeat that comes next; null while one is under way or there is no session. */
  private Beat next;

  private boolean ended;

  Session(
      Calls calls,
      Timer timer,
      ClientName name,
      Consumer<List<ServerAddress>> servers,
      Holdings holdings) {
    this.calls = calls;
    this.timer = timer;
    this.name = name;
    this.servers = servers;
    this.holdings = holdings;
    calls.whenAwaited(this::hurry);
    // Nothing can be open yet.
    this.registration = register();
    registration.thenAccept(this::scheduleHeartbeat);
  }

  /**
   * The registration in force; a future that is done but for the time a new one is being opened.
   */
  CompletableFuture<Registration> registration() {
    synchronized (lock) {
      if (registration.isCompletedExceptionally() && !ended) {
        registration = registerAnew();
        registration.thenAccept(this::scheduleHeartbeat);
      }
      return registration;
    }
  }

  /** Opens a session and tells the master what is open: only then is anything done in it. */
  private CompletableFuture<Registration> registerAnew() {
    return register().thenCompose(opened -> comeBack(opened).thenApply(told -> opened));
  }

  private CompletableFuture<Registration> register() {
    OpenSessionRequest request =
        OpenSessionRequest.newBuilder()
            .setDescription(name.description())
            .setUser(name.user())
            .setHttp(name.http())
            .setClusterId(clusterId())
            .build();
    return calls
        .call(SessionServiceGrpc.getOpenSessionMethod(), request)
        .thenCompose(this::ofThisCluster)
        .thenApply(this::opened);
  }

  /** The id of the cluster this client belongs to; empty before the first session is open. */
  String clusterId() {
    return clusterId;
  }

  /** Refuses a session of another cluster's master, should that give one; the first one decides. */
  private CompletableFuture<OpenSessionReply> ofThisCluster(OpenSessionReply reply) {
    synchronized (lock) {
      if (clusterId.isEmpty()) {
        clusterId = reply.getClusterId();
      }
    }
    try {
      ClusterCheck.require(reply.getClusterId(), clusterId());
    } catch (CairnException e) {
      return CompletableFuture.failedFuture(e);
    }
    calls.belongTo(clusterId());
    return CompletableFuture.completedFuture(reply);
  }

  private Registration opened(OpenSessionReply reply) {
    boolean restarted;
    synchronized (lock) {
      restarted =
          masterIncarnation != NONE_KNOWN && masterIncarnation != reply.getMasterIncarnation();
      masterIncarnation = reply.getMasterIncarnation();
      period = Duration.ofMillis(reply.getHeartbeatMillis());
    }
    if (restarted) {
      holdings.masterRestarted();
    }
    servers.accept(reply.getServersList());
    calls.members(reply.getMastersList());
    return new Registration(reply.getSessionId(), reply.getEpoch(), reply.getMasterIncarnation());
  }

  private void scheduleHeartbeat(Registration current) {
    Duration pause;
    Beat beat = new Beat(current);
    synchronized (lock) {
      pause = period;
      next = beat;
    }
    timer.after(pause, beat);
  }

  /**
   * Sends the next heartbeat now, unless one is under way: a master that has just begun to lead
   * answers nothing else before it has heard what this client has open.
   */
  private void hurry() {
    Beat beat;
    synchronized (lock) {
      beat = next;
    }
    if (beat != null) {
      beat.run();
    }
  }

  /** Heartbeats of a session follow one another, and end with it. */
  private void beat(Registration current) {
    KeepAliveRequest.Builder request = KeepAliveRequest.newBuilder();
    CompletableFuture<Void> done = new CompletableFuture<>();
    synchronized (lock) {
      if (ended || Registration.ifThere(registration) != current) {
        return;
      }
      closing = closed;
      closing.removeAll(openInodes());
      closed = new HashSet<>();
      heartbeat = done;
      request
          .setSessionId(current.sessionId())
          .setEpoch(current.epoch())
          .setClusterId(clusterId)
          .setNumber(++lastHeartbeat)
          .addAllClosedInodes(closing)
          .addAllLeases(holdings.leases());
    }
    calls
        .call(SessionServiceGrpc.getKeepAliveMethod(), request.build())
        .whenComplete(
            (reply, error) -> {
              heard(current, request.getLeasesList(), reply, error);
              done.complete(null);
            });
  }

  /** What is open, or may be at the master and soon is here. */
  private Set<Long> openInodes() {
    Set<Long> open = new HashSet<>();
    synchronized (lock) {
      openings.forEach(opening -> open.add(opening.inode));
    }
    // Behind them: what was under way then is among these by now.
    open.addAll(holdings.openInodes());
    return open;
  }

  private Set<Long> writtenInodes() {
    Set<Long> written = new HashSet<>();
    synchronized (lock) {
      openings.stream().filter(opening -> opening.write).forEach(o -> written.add(o.inode));
    }
    written.addAll(holdings.writtenInodes());
    return written;
  }

  private void heard(
      Registration current, List<HeldLease> leases, KeepAliveReply reply, Throwable error) {
    boolean restarted = false;
    synchronized (lock) {
      if (Registration.ifThere(registration) != current) {
        // Another session has its own.
        return;
      }
      if (error != null) {
        closed.addAll(closing);
      }
      closing = Set.of();
      if (reply != null && reply.getMasterIncarnation() != masterIncarnation) {
        masterIncarnation = reply.getMasterIncarnation();
        restarted = true;
      }
    }
    if (error != null && Failures.of(error).code() == ErrorCode.SESSION_EXPIRED) {
      expired(current);
      return;
    }
    if (reply != null) {
      servers.accept(reply.getServersList());
      calls.members(reply.getMastersList());
      List<Long> over = reply.getLostLeasesList();
      if (!over.isEmpty()) {
        holdings.leasesLost(
            leases.stream().filter(lease -> over.contains(lease.getInode())).toList());
      }
    }
    if (restarted) {
      holdings.masterRestarted();
      comeBack(current)
          .whenComplete(
              (told, failure) -> {
                if (failure == null || mayTryAgain(current, failure)) {
                  scheduleHeartbeat(current);
                }
              });
    } else {
      scheduleHeartbeat(current);
    }
  }

  /**
   * After a restart the master knows of open files only what clients tell it again, and answers
   * nothing else before. It may also know less than it has answered, after a power cut: then it
   * ends the session. Of what is open in a new session it knows nothing at all.
   */
  private CompletableFuture<Void> comeBack(Registration current) {
    KeepAliveRequest.Builder request =
        KeepAliveRequest.newBuilder()
            .setSessionId(current.sessionId())
            .setEpoch(current.epoch())
            .setClusterId(clusterId())
            .addAllOpenInodes(openInodes())
            .addAllWrittenInodes(writtenInodes())
            .setOpenInodesComplete(true)
            .setHttp(name.http());
    current.describe(request);
    synchronized (lock) {
      request.setMasterIncarnation(masterIncarnation);
    }
    return calls
        .call(SessionServiceGrpc.getKeepAliveMethod(), request.build())
        .thenAccept(
            reply -> {
              // Another master than it was said to has not heard it: a heartbeat will find that.
              if (reply.getMasterIncarnation() == request.getMasterIncarnation()) {
                current.takenOver(reply.getMasterIncarnation());
              }
            });
  }

  /** Whether the session is still there to which the master could not be told what is open. */
  private boolean mayTryAgain(Registration current, Throwable error) {
    if (Failures.of(error).code() == ErrorCode.SESSION_EXPIRED) {
      var unused = expired(current);
      return false;
    }
    LOG.warn("could not tell the master which files are open: {}", Failures.of(error).getMessage());
    synchronized (lock) {
      // With the next heartbeat again.
      masterIncarnation = NONE_KNOWN;
    }
    return true;
  }

  /** Opens a new session, once, when the given one is found to be expired. */
  CompletableFuture<Registration> expired(Registration old) {
    CompletableFuture<Registration> fresh = new CompletableFuture<>();
    synchronized (lock) {
      if (ended || Registration.ifThere(registration) != old) {
        return registration;
      }
      LOG.warn(
          "session {} has expired: what it wrote and did not commit is refused; opening a new one",
          old.sessionId());
      closed.clear();
      registration = fresh;
    }
    // First of all: nothing that belonged to the old session may be done in the new one.
    holdings.sessionLost(old);
    giveUp(old);
    registerAnew()
        .whenComplete(
            (opened, error) -> {
              if (error == null) {
                fresh.complete(opened);
                scheduleHeartbeat(opened);
              } else {
                fresh.completeExceptionally(error);
              }
            });
    return fresh;
  }

  /** Ends a session the master may still have: what it locked is then free for the next one. */
  private void giveUp(Registration old) {
    CloseSessionRequest request =
        CloseSessionRequest.newBuilder()
            .setSessionId(old.sessionId())
            .setEpoch(old.epoch())
            .build();
    // Most often it is gone already.
    var unused = calls.call(SessionServiceGrpc.getCloseSessionMethod(), request, Duration.ZERO);
  }

  /** Has the master renew a lease of the session, besides the heartbeats. */
  void renew(Registration current, HeldLease lease) {
    KeepAliveRequest request =
        KeepAliveRequest.newBuilder()
            .setSessionId(current.sessionId())
            .setEpoch(current.epoch())
            .setClusterId(clusterId())
            .addLeases(lease)
            .build();
    // Where this fails, the next heartbeat will tell.
    var unused = calls.call(SessionServiceGrpc.getKeepAliveMethod(), request);
  }

  /** The client no longer has the inode open; the master hears of it with the next heartbeat. */
  void closedInode(long inode) {
    synchronized (lock) {
      closed.add(inode);
    }
  }

  /**
   * Opens an inode. Until the given open is done, which is when the inode is among the {@link
   * Holdings} or the open has failed, the master is told of it as open.
   */
  <T> CompletableFuture<T> opening(long inode, boolean write, Supplier<CompletableFuture<T>> open) {
    Opening opening = new Opening(inode, write);
    CompletableFuture<Void> notClosing;
    synchronized (lock) {
      openings.add(opening);
      notClosing = closing.contains(inode) ? heartbeat : CompletableFuture.completedFuture(null);
    }
    return notClosing
        .thenCompose(nothing -> open.get())
        .whenComplete(
            (opened, error) -> {
              synchronized (lock) {
                openings.remove(opening);
                if (error != null) {
                  // The master may have done it all the same, or heard of it as one that is open.
                  closed.add(inode);
                }
              }
            });
  }

  /** Gives the session up. */
  CompletableFuture<Void> end(Duration patience) {
    Registration current;
    synchronized (lock) {
      ended = true;
      current = Registration.ifThere(registration);
    }
    if (current == null) {
      return CompletableFuture.completedFuture(null);
    }
    CloseSessionRequest request =
        CloseSessionRequest.newBuilder()
            .setSessionId(current.sessionId())
            .setEpoch(current.epoch())
            .build();
    return calls
        .call(SessionServiceGrpc.getCloseSessionMethod(), request, patience)
        .thenApply(reply -> null);
  }
}
