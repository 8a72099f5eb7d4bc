package dev.cairn.client.master;

import dev.cairn.client.Failures;
import dev.cairn.client.Timer;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This client's registration at the master. Heartbeats keep it alive, tell which inodes are no
 * longer open, and bring the addresses of the chunk servers. When the master has expired it, a new
 * one is opened: requests made under the old one stay refused, which is what fences this client's
 * late writes.
 */
final class Session {

  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  private final Calls calls;
  private final Timer timer;
  private final ClientName name;
  private final Consumer<List<ServerAddress>> servers;
  private final Holdings holdings;
  private final Object lock = new Object();

  /** Closed since the last heartbeat was sent. Guarded by the lock, as all below. */
  private Set<Long> closed = new HashSet<>();

  /** In the heartbeat under way: opening one of them must wait for its end. */
  private Set<Long> closing = Set.of();

  private CompletableFuture<Void> heartbeat = CompletableFuture.completedFuture(null);
  private CompletableFuture<Registration> registration;
  private long masterIncarnation;
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
    this.registration = register();
  }

  /**
   * The registration in force; a future that is done but for the time a new one is being opened.
   */
  CompletableFuture<Registration> registration() {
    synchronized (lock) {
      if (registration.isCompletedExceptionally() && !ended) {
        registration = register();
      }
      return registration;
    }
  }

  private CompletableFuture<Registration> register() {
    OpenSessionRequest request =
        OpenSessionRequest.newBuilder()
            .setDescription(name.description())
            .setUser(name.user())
            .build();
    return calls.call(SessionServiceGrpc.getOpenSessionMethod(), request).thenApply(this::opened);
  }

  private Registration opened(OpenSessionReply reply) {
    synchronized (lock) {
      masterIncarnation = reply.getMasterIncarnation();
    }
    servers.accept(reply.getServersList());
    scheduleHeartbeat(Duration.ofMillis(reply.getHeartbeatMillis()));
    return new Registration(reply.getSessionId(), reply.getEpoch(), reply.getMasterIncarnation());
  }

  private void scheduleHeartbeat(Duration period) {
    timer.after(period, () -> beat(period));
  }

  private void beat(Duration period) {
    KeepAliveRequest.Builder request = KeepAliveRequest.newBuilder();
    Registration current;
    CompletableFuture<Void> done = new CompletableFuture<>();
    synchronized (lock) {
      current = Registration.ifThere(registration);
      if (ended || current == null) {
        return;
      }
      Set<Long> open = holdings.openInodes();
      closing = closed;
      closing.removeAll(open);
      closed = new HashSet<>();
      heartbeat = done;
      request
          .setSessionId(current.sessionId())
          .setEpoch(current.epoch())
          .addAllClosedInodes(closing)
          .addAllLeases(holdings.leases());
    }
    calls
        .call(SessionServiceGrpc.getKeepAliveMethod(), request.build())
        .whenComplete(
            (reply, error) -> {
              heard(current, request.getLeasesList(), reply, error, period);
              done.complete(null);
            });
  }

  private void heard(
      Registration current,
      List<HeldLease> leases,
      KeepAliveReply reply,
      Throwable error,
      Duration period) {
    boolean restarted = false;
    synchronized (lock) {
      if (error != null) {
        closed.addAll(closing);
      }
      closing = Set.of();
      if (reply != null && reply.getMasterIncarnation() != masterIncarnation) {
        masterIncarnation = reply.getMasterIncarnation();
        restarted = true;
      }
    }
    if (error instanceof CairnException e && e.code() == ErrorCode.SESSION_EXPIRED) {
      expired(current);
      return;
    }
    if (reply != null) {
      servers.accept(reply.getServersList());
      List<Long> over = reply.getLostLeasesList();
      if (!over.isEmpty()) {
        holdings.leasesLost(
            leases.stream().filter(lease -> over.contains(lease.getInode())).toList());
      }
    }
    if (restarted) {
      holdings.masterRestarted();
      comeBack(current);
    }
    scheduleHeartbeat(period);
  }

  /**
   * After a restart the master knows of open files only what clients tell it again, and answers
   * nothing else before. It may also know less than it has answered, after a power cut: then it
   * ends the session.
   */
  private void comeBack(Registration current) {
    KeepAliveRequest.Builder request =
        KeepAliveRequest.newBuilder()
            .setSessionId(current.sessionId())
            .setEpoch(current.epoch())
            .addAllOpenInodes(holdings.openInodes())
            .addAllWrittenInodes(holdings.writtenInodes())
            .setOpenInodesComplete(true);
    current.describe(request);
    synchronized (lock) {
      request.setMasterIncarnation(masterIncarnation);
    }
    calls
        .call(SessionServiceGrpc.getKeepAliveMethod(), request.build())
        .whenComplete(
            (reply, error) -> {
              if (error == null) {
                current.takenOver(reply.getMasterIncarnation());
              } else {
                notBack(current, error);
              }
            });
  }

  private void notBack(Registration current, Throwable error) {
    if (Failures.of(error).code() == ErrorCode.SESSION_EXPIRED) {
      var unused = expired(current);
      return;
    }
    LOG.warn("could not tell the master which files are open: {}", error.getMessage());
    synchronized (lock) {
      // With the next heartbeat again.
      masterIncarnation = 0;
    }
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
    register()
        .whenComplete(
            (opened, error) -> {
              if (error == null) {
                fresh.complete(opened);
                comeBack(opened);
              } else {
                fresh.completeExceptionally(error);
              }
            });
    return fresh;
  }

  /** Has the master renew a lease of the session, besides the heartbeats. */
  void renew(Registration current, HeldLease lease) {
    KeepAliveRequest request =
        KeepAliveRequest.newBuilder()
            .setSessionId(current.sessionId())
            .setEpoch(current.epoch())
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

  /** Done when no heartbeat is under way that would count the inode as closed. */
  CompletableFuture<Void> mayOpen(long inode) {
    synchronized (lock) {
      closed.remove(inode);
      return closing.contains(inode) ? heartbeat : CompletableFuture.completedFuture(null);
    }
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
