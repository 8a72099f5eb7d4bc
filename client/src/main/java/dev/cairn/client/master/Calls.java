package dev.cairn.client.master;

import dev.cairn.client.Timer;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.Closeable;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Unary calls to one master, each with a deadline and sent again while that may help. Deadlines are
 * kept here and not by gRPC, which would set a timer at both ends for every call: that wakes two
 * more threads for a call that is over in a tenth of a millisecond.
 */
final class Calls implements Closeable {

  private static final Logger LOG = LoggerFactory.getLogger(Calls.class);
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final Duration DEADLINE_CHECK = Duration.ofMillis(500);
  private static final Duration STOOD_STILL = Duration.ofSeconds(3);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(800);

  private final ManagedChannel channel;
  private final String peer;
  private final Duration patience;
  private final Timer timer;
  private final AtomicBoolean away = new AtomicBoolean();
  private final Set<Attempts<?, ?>> underWay = ConcurrentHashMap.newKeySet();
  private volatile long lastCheckNanos = System.nanoTime();

  Calls(HostPort master, Duration patience, Timer timer) {
    this.channel = ControlPlane.channel(master);
    this.peer = "the master at " + master;
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
    long before = now - DEADLINE.toNanos();
    underWay.forEach(attempts -> attempts.cancelIfSentBefore(before));
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

  private void reached() {
    if (away.compareAndSet(true, false)) {
      LOG.info("{} answers again", peer);
    }
  }

  private void unreached(CairnException error) {
    if (away.compareAndSet(false, true)) {
      LOG.warn("{}; trying again for {} s", error.getMessage(), patience.toSeconds());
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  /** One request on its way, over as many attempts as it takes. */
  private final class Attempts<Q, R> {
    private final MethodDescriptor<Q, R> method;
    private final Q request;
    private final long giveUpNanos;
    private final CompletableFuture<R> result = new CompletableFuture<>();
    private Duration pause = FIRST_PAUSE;
    private volatile ClientCall<Q, R> call;
    private volatile long sentNanos;
    private volatile boolean overdue;

    Attempts(MethodDescriptor<Q, R> method, Q request, Duration patience) {
      this.method = method;
      this.request = request;
      this.giveUpNanos = System.nanoTime() + patience.toNanos();
    }

    void send() {
      if (result.isDone()) {
        return;
      }
      overdue = false;
      sentNanos = System.nanoTime();
      call = channel.newCall(method, CallOptions.DEFAULT);
      underWay.add(this);
      ClientCalls.asyncUnaryCall(
          call,
          request,
          new StreamObserver<R>() {
            private R reply;

            @Override
            public void onNext(R value) {
              reply = value;
            }

            @Override
            public void onError(Throwable error) {
              underWay.remove(Attempts.this);
              failed(overdue ? timedOut(error) : GrpcErrors.fromThrowable(error, peer));
            }

            @Override
            public void onCompleted() {
              underWay.remove(Attempts.this);
              reached();
              result.complete(reply);
            }
          });
    }

    void cancelIfSentBefore(long nanos) {
      if (sentNanos - nanos < 0) {
        overdue = true;
        call.cancel("no answer within " + DEADLINE.toSeconds() + " s", null);
      }
    }

    private CairnException timedOut(Throwable cause) {
      return ErrorCode.TIMED_OUT.because(
          peer + " did not answer within " + DEADLINE.toSeconds() + " s", cause);
    }

    private void failed(CairnException error) {
      boolean noAnswer =
          error.code() == ErrorCode.UNREACHABLE || error.code() == ErrorCode.TIMED_OUT;
      if (noAnswer) {
        unreached(error);
      } else {
        reached();
      }
      boolean again = error.code().retry() == ErrorCode.Retry.YES;
      if (!again || System.nanoTime() - giveUpNanos > 0 || timer.isClosed()) {
        result.completeExceptionally(error);
        return;
      }
      // A channel waits longer and longer between its attempts to connect; we decide when.
      channel.resetConnectBackoff();
      timer.after(pause, this::send);
      pause = pause.multipliedBy(2);
      if (pause.compareTo(LONGEST_PAUSE) > 0) {
        pause = LONGEST_PAUSE;
      }
    }
  }
}
