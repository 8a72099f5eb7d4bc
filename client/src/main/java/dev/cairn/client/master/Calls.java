package dev.cairn.client.master;

import dev.cairn.client.Timer;
import dev.cairn.client.Waits;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Retry;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.unary.UnaryChannel;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.Closeable;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Unary calls to one master, each with a deadline and sent again while that may help. One look at
 * all calls twice a second keeps the deadlines: a timer for every call would wake a thread for what
 * is over in a tenth of a millisecond.
 */
final class Calls implements Closeable {

  private static final Logger LOG = LoggerFactory.getLogger(Calls.class);
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  /** What the last attempt has, when the patience is over before. */
  private static final Duration LAST_ATTEMPT = Duration.ofSeconds(2);

  private static final Duration DEADLINE_CHECK = Duration.ofMillis(500);
  private static final Duration STOOD_STILL = Duration.ofSeconds(3);
  private static final Retry.Pauses PAUSES =
      new Retry.Pauses(Duration.ofMillis(50), Duration.ofMillis(800));

  /** A name may be unknown for a moment, while the resolver has trouble. */
  private static final Duration UNKNOWN_HOST_PATIENCE = Duration.ofSeconds(3);

  private final UnaryChannel channel;
  private final String peer;
  private final Duration connectPatience;
  private final Duration patience;
  private final Timer timer;
  private final Waits waits = new Waits(LOG::warn, System::nanoTime);
  private volatile boolean everReached;
  private final Set<Attempts<?, ?>> underWay = ConcurrentHashMap.newKeySet();
  private volatile long lastCheckNanos = System.nanoTime();

  Calls(HostPort master, Duration patience, Timer timer) {
    this(master, patience, patience, timer);
  }

  /**
   * Makes no connection yet.
   *
   * @param connectPatience how long calls go on while no master was ever reached
   * @param patience how long calls go on from then on
   */
  Calls(HostPort master, Duration connectPatience, Duration patience, Timer timer) {
    this.channel = new UnaryChannel(master);
    this.peer = "the master at " + master;
    this.connectPatience = connectPatience;
    this.patience = patience;
    this.timer = timer;
    timer.every(DEADLINE_CHECK, this::cancelOverdue);
  }

  /**
   * Cancels what has waited for too long, unless this process itself stood still: then the answers
   * are there and have yet to be read, and what they say was done must not be asked for again.
   */
  private void cancelOverdue() {
    long now = System.nanoTime();
    boolean stoodStill = now - lastCheckNanos > STOOD_STILL.toNanos();
    lastCheckNanos = now;
    if (stoodStill) {
      underWay.forEach(attempts -> attempts.sentNanos = now);
      return;
    }
    underWay.forEach(attempts -> attempts.cancelIfOverdue(now));
  }

  /** Sends a request that may be sent again, until it is answered or the patience is used up. */
  <Q, R> CompletableFuture<R> call(MethodDescriptor<Q, R> method, Q request) {
    return call(method, request, patience);
  }

  <Q, R> CompletableFuture<R> call(MethodDescriptor<Q, R> method, Q request, Duration patience) {
    Attempts<Q, R> attempts = new Attempts<>(method, request, patience);
    attempts.send();
    return attempts.result;
  }

  /** From now on the master of any other cluster refuses all calls, and they wait for this one. */
  void belongTo(String clusterId) {
    channel.belongTo(clusterId);
  }

  private void reached() {
    everReached = true;
    waits.over(this);
  }

  private void ofOtherCluster(CairnException error, Duration waited) {
    waits.waits(this, () -> "the right master: " + error.getMessage(), waited, patience);
  }

  private void unreached(CairnException error, Duration waited) {
    waits.waits(this, () -> awaited(error), waited, patience);
  }

  private String awaited(CairnException error) {
    String said = error.getMessage();
    boolean named = said.startsWith(peer + " ");
    return peer + (named ? ", which" + said.substring(peer.length()) : ": " + said);
  }

  @Override
  public void close() {
    channel.close();
  }

  /** One request on its way, over as many attempts as it takes. */
  private final class Attempts<Q, R> {
    private final MethodDescriptor<Q, R> method;
    private final Q request;
    private final Retry retry;
    private final CompletableFuture<R> result = new CompletableFuture<>();
    private volatile ClientCall<Q, R> call;
    private volatile long sentNanos;
    private volatile boolean overdue;
    private boolean mayBeDone; // by an attempt that was not answered

    Attempts(MethodDescriptor<Q, R> method, Q request, Duration patience) {
      this.method = method;
      this.request = request;
      this.retry = new Retry(PAUSES, patience);
    }

    void send() {
      if (result.isDone()) {
        return;
      }
      overdue = false;
      sentNanos = System.nanoTime();
      call = channel.newCall(method, CallOptions.DEFAULT);
      underWay.add(this);
      call.start(
          new ClientCall.Listener<R>() {
            private R reply;

            @Override
            public void onMessage(R message) {
              reply = message;
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
              underWay.remove(Attempts.this);
              if (status.isOk()) {
                reached();
                result.complete(reply);
              } else {
                Throwable cause = status.getCause();
                mayBeDone |= wasLost(status, trailers);
                failed(
                    overdue
                        ? timedOut(cause)
                        : GrpcErrors.fromStatus(status, trailers, peer, cause));
              }
            }
          },
          new Metadata());
      call.sendMessage(request);
      call.halfClose();
    }

    void cancelIfOverdue(long nowNanos) {
      long waited = nowNanos - sentNanos;
      if (waited > DEADLINE.toNanos() || (retry.isOver() && waited > LAST_ATTEMPT.toNanos())) {
        overdue = true;
        call.cancel("no answer in time", null);
      }
    }

    /** Whether the request may have arrived, and no answer came. */
    private boolean wasLost(Status status, Metadata trailers) {
      return GrpcErrors.number(trailers) == 0 && status.getCode() != Status.Code.UNAVAILABLE;
    }

    private CairnException timedOut(Throwable cause) {
      return ErrorCode.TIMED_OUT.because(
          peer
              + " did not answer within "
              + Duration.ofNanos(System.nanoTime() - sentNanos).toSeconds()
              + " s"
              + (everReached ? "" : ": is it a Cairn master?"),
          cause);
    }

    private void failed(CairnException error) {
      boolean noAnswer =
          error.code() == ErrorCode.UNREACHABLE
              || error.code() == ErrorCode.TIMED_OUT
              || error.code() == ErrorCode.OTHER_PROTOCOL;
      if (noAnswer) {
        unreached(error, retry.waited());
      } else if (error.code() == ErrorCode.OTHER_CLUSTER) {
        ofOtherCluster(error, retry.waited());
      } else {
        reached();
      }
      // Where a master was before, something else may be for as long as it is away.
      boolean awaited = error.code() == ErrorCode.OTHER_PROTOCOL && everReached;
      boolean again = awaited || error.code().retry() == ErrorCode.Retry.YES;
      if (!again || isOver(error) || timer.isClosed()) {
        result.completeExceptionally(mayBeDone ? error.ofWhatMayBeDone() : error);
        return;
      }
      timer.after(retry.nextPause(), this::send);
    }

    private boolean isOver(CairnException error) {
      if (retry.isOver()) {
        return true;
      }
      return !everReached
          && retry
                  .waited()
                  .compareTo(
                      GrpcErrors.isUnknownHost(error) ? UNKNOWN_HOST_PATIENCE : connectPatience)
              >= 0;
    }
  }
}
