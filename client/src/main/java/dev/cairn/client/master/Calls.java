package dev.cairn.client.master;

import dev.cairn.client.Timer;
import dev.cairn.client.Waits;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.Retry;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.Closeable;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Unary calls to the master that leads, each with a deadline and sent again while that may help.
 * One look at all calls twice a second keeps the deadlines: a timer for every call would wake a
 * thread for what is over in a tenth of a millisecond.
 *
 * <p>Of several masters, a call that one of them refuses or loses goes to the next at once, as long
 * as there is one it was not sent to since its last pause. {@link LeaderFinder} says which is next
 * for all calls together, and {@link SilenceWatch} when one is to be left that does not answer.
 */
public final class Calls implements Closeable {

  private static final Logger LOG = LoggerFactory.getLogger(Calls.class);
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  /** What the last attempt has, when the patience is over before. */
  private static final Duration LAST_ATTEMPT = Duration.ofSeconds(2);

  private static final Duration DEADLINE_CHECK = Duration.ofMillis(500);
  private static final Duration STOOD_STILL = Duration.ofSeconds(3);
  private static final Retry.Pauses PAUSES =
      new Retry.Pauses(Duration.ofMillis(50), Duration.ofMillis(800));

  /** Between rounds to all masters: an election takes about a second. */
  private static final Retry.Pauses PAUSES_OF_SEVERAL =
      new Retry.Pauses(Duration.ofMillis(20), Duration.ofMillis(200));

  /** How long a call may stay at a master that is no longer asked. */
  private static final Duration LEFT_BEHIND = Duration.ofMillis(500);

  /** A name may be unknown for a moment, while the resolver has trouble. */
  private static final Duration UNKNOWN_HOST_PATIENCE = Duration.ofSeconds(3);

  private final Masters masters;
  private final LeaderFinder finder;
  private final MasterChannels channels = new MasterChannels();
  private final SilenceWatch watch;
  private final Duration connectPatience;
  private final Duration patience;
  private final Duration deadline;
  private final Timer timer;
  private final Waits waits = new Waits(LOG::warn, System::nanoTime);
  private volatile boolean everReached;
  private final AtomicBoolean watching = new AtomicBoolean();
  private volatile Runnable awaited = () -> {};
  private final Set<Attempts<?, ?>> underWay = ConcurrentHashMap.newKeySet();
  private volatile long lastCheckNanos = System.nanoTime();

  Calls(Masters masters, Duration patience, Timer timer) {
    this(masters, patience, patience, DEADLINE, timer);
  }

  /**
   * Makes no connection yet.
   *
   * @param connectPatience how long calls go on while no master was ever reached
   * @param patience how long calls go on from then on
   */
  Calls(Masters masters, Duration connectPatience, Duration patience, Timer timer) {
    this(masters, connectPatience, patience, DEADLINE, timer);
  }

  /** Calls of a command, each of which is given up after the timeout, whatever it waits for. */
  public static Calls ofCommand(Masters masters, Duration timeout, Timer timer) {
    return new Calls(masters, timeout, timeout, timeout, timer);
  }

  private Calls(
      Masters masters,
      Duration connectPatience,
      Duration patience,
      Duration deadline,
      Timer timer) {
    this.masters = masters;
    this.finder = new LeaderFinder(masters, LOG::info);
    this.watch = new SilenceWatch(finder, channels);
    this.connectPatience = connectPatience;
    this.patience = patience;
    this.deadline = deadline;
    this.timer = timer;
    timer.every(DEADLINE_CHECK, this::cancelOverdue);
    if (masters.areSeveral()) {
      watchSilence();
    }
  }

  /** The master that led when it was asked last, or the one to ask first. */
  public HostPort leader() {
    return finder.target();
  }

  /** Has the task run when a master waits to hear what this client has open. */
  void whenAwaited(Runnable task) {
    awaited = task;
  }

  /** Takes the list of the cluster's masters, as a master says it. */
  void members(List<String> addresses) {
    finder.members(addresses);
    if (finder.areSeveral()) {
      watchSilence();
    }
  }

  private void watchSilence() {
    if (watching.compareAndSet(false, true)) {
      timer.every(SilenceWatch.PERIOD, this::lookForSilence);
    }
  }

  private void lookForSilence() {
    long now = System.nanoTime();
    long oldest = now;
    HostPort target = finder.target();
    for (Attempts<?, ?> attempts : underWay) {
      if (target.equals(attempts.to)) {
        oldest = Math.min(oldest, attempts.sentNanos);
      } else if (now - attempts.sentNanos > LEFT_BEHIND.toNanos()) {
        attempts.cancel();
      }
    }
    watch.look(oldest, now);
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
  public <Q, R> CompletableFuture<R> call(MethodDescriptor<Q, R> method, Q request) {
    return call(method, request, patience);
  }

  <Q, R> CompletableFuture<R> call(MethodDescriptor<Q, R> method, Q request, Duration patience) {
    return new Attempts<>(method, request, patience, false).begin();
  }

  /** The same for what must not be done twice: it is not sent again once it may be done. */
  public <Q, R> CompletableFuture<R> once(MethodDescriptor<Q, R> method, Q request) {
    return new Attempts<>(method, request, patience, true).begin();
  }

  /** From now on the master of any other cluster refuses all calls, and they wait for this one. */
  void belongTo(String clusterId) {
    channels.belongTo(clusterId);
  }

  private void reached() {
    everReached = true;
    waits.over(this);
  }

  private void awaits(HostPort master, CairnException error, Duration waited) {
    waits.waits(this, () -> awaited(master, error), waited, patience);
  }

  private String awaited(HostPort master, CairnException error) {
    if (finder.areSeveral()) {
      return "a master that leads: " + finder.whyNone();
    }
    String said = error.getMessage();
    if (error.code() == ErrorCode.OTHER_CLUSTER) {
      return "the right master: " + said;
    }
    String peer = name(master);
    boolean named = said.startsWith(peer + " ");
    return peer + (named ? ", which" + said.substring(peer.length()) : ": " + said);
  }

  private static String name(HostPort master) {
    return "the master at " + master;
  }

  /** Calls go on to the others, and fail when their patience is over. */
  @Override
  public void close() {
    channels.close();
  }

  /** One request on its way, over as many attempts as it takes. */
  private final class Attempts<Q, R> {
    private final MethodDescriptor<Q, R> method;
    private final Q request;
    private final Retry retry;
    private final boolean once;
    private final CompletableFuture<R> result = new CompletableFuture<>();
    private volatile ClientCall<Q, R> call;
    private volatile HostPort to;
    private volatile long sentNanos;
    private volatile boolean overdue;
    private boolean mayBeDone; // by an attempt that was not answered

    /** The masters it was sent to in vain since the last pause; null before the first failure. */
    private Set<HostPort> tried;

    Attempts(MethodDescriptor<Q, R> method, Q request, Duration patience, boolean once) {
      this.method = method;
      this.request = request;
      this.once = once;
      this.retry = new Retry(masters.areSeveral() ? PAUSES_OF_SEVERAL : PAUSES, patience);
    }

    CompletableFuture<R> begin() {
      send();
      return result;
    }

    private void send() {
      if (result.isDone()) {
        return;
      }
      overdue = false;
      sentNanos = System.nanoTime();
      HostPort master = finder.target();
      to = master;
      call = channels.to(master).newCall(method, CallOptions.DEFAULT);
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
                watch.heard(master);
                finder.leads(master);
                result.complete(reply);
              } else {
                Throwable cause = status.getCause();
                CairnException error =
                    overdue
                        ? timedOut(master, cause)
                        : GrpcErrors.fromStatus(status, trailers, name(master), cause);
                mayBeDone |= wasLost(status, trailers) || error.mayBeDone();
                failed(master, error);
              }
            }
          },
          new Metadata());
      call.sendMessage(request);
      call.halfClose();
    }

    void cancelIfOverdue(long nowNanos) {
      long waited = nowNanos - sentNanos;
      if (waited > deadline.toNanos() || (retry.isOver() && waited > LAST_ATTEMPT.toNanos())) {
        cancel();
      }
    }

    void cancel() {
      overdue = true;
      call.cancel("no answer in time", null);
    }

    /** Whether the request may have arrived, and no answer came. */
    private boolean wasLost(Status status, Metadata trailers) {
      return GrpcErrors.number(trailers) == 0 && status.getCode() != Status.Code.UNAVAILABLE;
    }

    private CairnException timedOut(HostPort master, Throwable cause) {
      return ErrorCode.TIMED_OUT.because(
          name(master)
              + " did not answer within "
              + Duration.ofNanos(System.nanoTime() - sentNanos).toSeconds()
              + " s"
              + (everReached ? "" : ": is it a Cairn master?"),
          cause);
    }

    private void failed(HostPort master, CairnException error) {
      boolean another = note(master, error);
      // Where a master was before, something else may be for as long as it is away.
      boolean expected =
          error.code() == ErrorCode.OTHER_PROTOCOL && (everReached || finder.areSeveral());
      boolean again = expected || error.code().retry() == ErrorCode.Retry.YES;
      if (!again || (once && mayBeDone) || timer.isClosed()) {
        fail(error);
        return;
      }
      if (isOver(error)) {
        fail(finder.areSeveral() && another ? noLeader(error) : error);
        return;
      }
      if (tried == null) {
        tried = new HashSet<>();
      }
      tried.add(master);
      if (another && !tried.contains(finder.target())) {
        send();
        return;
      }
      tried.clear();
      timer.after(retry.nextPause(), this::send);
    }

    /** Takes note of a failure; answers whether another master may have to be asked. */
    private boolean note(HostPort master, CairnException error) {
      switch (error.code()) {
        case NOT_LEADER -> {
          watch.heard(master);
          finder.refused(master, error.leader());
        }
        case UNREACHABLE, TIMED_OUT, OTHER_PROTOCOL, OTHER_CLUSTER, STOPPING -> {
          // A leader that answers others, and not this in time, is asked again.
          if (error.code() != ErrorCode.TIMED_OUT || !watch.heardSince(sentNanos)) {
            finder.lost(master, how(master, error));
          }
        }
        default -> {
          reached();
          watch.heard(master);
          if (error.code() == ErrorCode.STARTING) {
            awaited.run();
          }
          return false;
        }
      }
      awaits(master, error, retry.waited());
      return finder.areSeveral() || !finder.target().equals(master);
    }

    private String how(HostPort master, CairnException error) {
      String said = error.getMessage();
      String peer = name(master) + " ";
      return said.startsWith(peer) ? said.substring(peer.length()) : "refuses: " + said;
    }

    private CairnException noLeader(CairnException cause) {
      return ErrorCode.UNREACHABLE.because("no master leads: " + finder.whyNone(), cause);
    }

    private void fail(CairnException error) {
      result.completeExceptionally(mayBeDone ? error.ofWhatMayBeDone() : error);
    }

    private boolean isOver(CairnException error) {
      if (retry.isOver()) {
        return true;
      }
      boolean unknown = GrpcErrors.isUnknownHost(error) && !finder.areSeveral();
      Duration toConnect = unknown ? UNKNOWN_HOST_PATIENCE : connectPatience;
      return !everReached && retry.waited().compareTo(toConnect) >= 0;
    }
  }
}
