package dev.cairn.client.file;

import dev.cairn.client.Failures;
import dev.cairn.client.Timer;
import dev.cairn.client.master.Hold;
import dev.cairn.client.master.Master;
import dev.cairn.client.master.Registration;
import dev.cairn.rpc.Retry;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.HeldLease;
import dev.cairn.rpc.proto.TakeLeaseRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;

/**
 * The leases this client has. The heartbeats of its session name them and so renew them; those with
 * a short term are renewed by more of that. One that was taken and never answered is not named, and
 * ends with its term. Safe for any thread.
 */
final class FileLeasing {

  /** Heartbeats come every two seconds at the latest: three of them within a term will do. */
  private static final Duration RENEWED_BY_HEARTBEATS = Duration.ofSeconds(6);

  private static final int RENEWALS_PER_TERM = 4;

  /** The master hears of a close with the next heartbeat of the client that had the file open. */
  private static final Duration CLOSES_ARE_HEARD = Duration.ofMillis(2500);

  private static final Retry.Pauses PAUSES = Retry.Pauses.of(Duration.ofMillis(150));

  /** A lease with its term; another one when it is taken again. */
  private static final class Held {
    private final Hold hold;
    private final Duration term;

    Held(Hold hold, Duration term) {
      this.hold = hold;
      this.term = term;
    }
  }

  private final Map<Long, Held> byInode = new ConcurrentHashMap<>();
  private final Master master;
  private final Timer timer;
  private final LongConsumer fence;

  /**
   * @param fence told the inode of a lease that is over
   */
  FileLeasing(Master master, Timer timer, LongConsumer fence) {
    this.master = master;
    this.timer = timer;
    this.fence = fence;
  }

  /** Takes a lease, or gives the one this client has another term. */
  CompletableFuture<Attributes> take(TakeLeaseRequest.Builder request) {
    return new Retry(PAUSES, CLOSES_ARE_HEARD)
        .run(
            timer::after,
            () -> master.leases().takeLease(request),
            failure -> Failures.of(failure).code() == ErrorCode.WRITTEN_ELSEWHERE)
        .thenCompose(
            answer -> {
              long inode = request.getInode();
              Hold hold = new Hold(answer.session(), answer.reply().getLease());
              keep(inode, new Held(hold, Duration.ofMillis(request.getTermMillis())));
              if (!master.isCurrent(answer.session())) {
                byInode.remove(inode);
                return CompletableFuture.failedFuture(
                    ErrorCode.LEASE_LOST.because("the session in which it was taken has expired"));
              }
              return CompletableFuture.completedFuture(answer.reply().getAttributes());
            });
  }

  private void keep(long inode, Held held) {
    byInode.put(inode, held);
    if (held.term.compareTo(RENEWED_BY_HEARTBEATS) < 0) {
      renewLater(inode, held);
    }
  }

  private void renewLater(long inode, Held held) {
    timer.after(
        held.term.dividedBy(RENEWALS_PER_TERM),
        () -> {
          if (byInode.get(inode) == held) {
            master.renew(held.hold.session(), said(inode, held));
            renewLater(inode, held);
          }
        });
  }

  /** Gives the lease back; fails with {@code NO_ATTRIBUTE} or {@code NOT_PERMITTED}. */
  CompletableFuture<Void> giveBack(long inode) {
    Held held = byInode.remove(inode);
    return master
        .leases()
        .releaseLease(inode, held == null ? null : held.hold)
        .<Void>thenApply(reply -> null)
        .whenComplete(
            (done, error) -> {
              if (error != null && held != null && mayBeThere(Failures.of(error))) {
                byInode.putIfAbsent(inode, held);
              }
            });
  }

  private static boolean mayBeThere(CairnException error) {
    return error.code().retry() == ErrorCode.Retry.YES;
  }

  /** What this client has of the file by a lease; null when it has none. */
  Hold hold(long inode) {
    Held held = byInode.get(inode);
    return held == null ? null : held.hold;
  }

  /** All leases, as heartbeats say them. */
  List<HeldLease> all() {
    return byInode.entrySet().stream().map(held -> said(held.getKey(), held.getValue())).toList();
  }

  private static HeldLease said(long inode, Held held) {
    return HeldLease.newBuilder().setInode(inode).setLease(held.hold.lease()).build();
  }

  /** The lease went over to the file that took the other one's place. */
  void moved(long from, long to) {
    Held held = byInode.remove(from);
    if (held != null) {
      keep(to, new Held(held.hold, held.term));
    }
  }

  /** That lease is over: what was written under it is lost. */
  void lost(long inode, long lease) {
    Held held = byInode.get(inode);
    if (held != null && held.hold.lease() == lease && byInode.remove(inode, held)) {
      fence.accept(inode);
    }
  }

  /** The session has expired, and its leases with it; their files are fenced already. */
  void sessionLost(Registration session) {
    byInode.values().removeIf(held -> held.hold.session() == session);
  }
}
