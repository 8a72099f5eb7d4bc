package dev.cairn.client.master;

import dev.cairn.client.Failures;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.FileServiceGrpc;
import dev.cairn.rpc.proto.ForceReply;
import dev.cairn.rpc.proto.ForceRequest;
import dev.cairn.rpc.proto.RequestContext;
import io.grpc.MethodDescriptor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/**
 * Requests that change something: each is made in the name of a session, of which one that has
 * expired is replaced, and numbered in it.
 */
final class SessionCalls {

  private final Calls calls;
  private final Session session;

  /** The session in which names were changed first of those that were not forced since, or null. */
  private final AtomicReference<Registration> namesChangedIn = new AtomicReference<>();

  SessionCalls(Calls calls, Session session) {
    this.calls = calls;
    this.session = session;
  }

  /** The session in force. */
  CompletableFuture<Registration> registration() {
    return session.registration();
  }

  /** Makes a request that is nobody's in particular. */
  <Q, R> CompletableFuture<R> call(MethodDescriptor<Q, R> method, Q request) {
    return calls.call(method, request);
  }

  /**
   * Asks in the session in force.
   *
   * @param repeat whether to ask once more in the next one where that has expired
   */
  <Q, R> CompletableFuture<R> change(
      MethodDescriptor<Q, R> method, Function<RequestContext, Q> request, Repeat repeat) {
    CompletableFuture<Registration> ready = session.registration();
    Registration now = Registration.ifThere(ready);
    return now != null
        ? change(method, request, repeat, now)
        : ready.thenCompose(registration -> change(method, request, repeat, registration));
  }

  private <Q, R> CompletableFuture<R> change(
      MethodDescriptor<Q, R> method,
      Function<RequestContext, Q> request,
      Repeat repeat,
      Registration registration) {
    CompletableFuture<R> reply = once(method, request, registration);
    return reply
        .handle(
            (value, error) ->
                error != null && repeat.after(error)
                    ? session
                        .expired(registration)
                        .thenCompose(fresh -> change(method, request, Repeat.NEVER, fresh))
                    : reply)
        .thenCompose(Function.identity());
  }

  /** What to do when a session has expired in which something was asked for. */
  enum Repeat {
    NEVER,
    /**
     * Ask in the next session, unless it may have been done before this one expired: the master
     * would not know the repetition as one. It would say that a name which it removed is not there,
     * or cut off what somebody else has written since.
     */
    UNLESS_DONE,
    /** Ask in the next session: it does no harm twice. */
    ALWAYS;

    boolean after(Throwable error) {
      CairnException refusal = Failures.of(error);
      return this != NEVER
          && refusal.code() == ErrorCode.SESSION_EXPIRED
          && (this == ALWAYS || !refusal.mayBeDone());
    }
  }

  /** Asks in the name of one session: when that has expired, the request is refused. */
  <Q, R> CompletableFuture<R> once(
      MethodDescriptor<Q, R> method,
      Function<RequestContext, Q> request,
      Registration registration) {
    RequestContext context = registration.nextRequest();
    return calls
        .call(method, request.apply(context))
        .whenComplete(
            (value, error) -> {
              if (error == null) {
                registration.granted(context);
                namesChangedIn.compareAndSet(null, registration);
              } else if (Failures.of(error).mayBeDone()) {
                registration.givenUp(context);
              } else {
                registration.refused(context);
              }
              noteExpiry(registration, error);
            });
  }

  /** Asks in the name of a session and under a lease: when one is over, the request is refused. */
  <Q, R> CompletableFuture<R> once(
      MethodDescriptor<Q, R> method, Function<RequestContext, Q> request, Hold hold) {
    long lease = hold.lease();
    Function<RequestContext, Q> under =
        lease == 0
            ? request
            : context -> request.apply(context.toBuilder().setLease(lease).build());
    return once(method, under, hold.session());
  }

  /** Asks in the session in force, and once more in the next one where that has expired. */
  <T> CompletableFuture<T> inSession(Function<Registration, CompletableFuture<T>> ask) {
    return session
        .registration()
        .thenCompose(
            registration ->
                ask.apply(registration)
                    .handle(
                        (answer, error) ->
                            error != null && Failures.of(error).code() == ErrorCode.SESSION_EXPIRED
                                ? session.expired(registration).thenCompose(ask)
                                : done(answer, error))
                    .thenCompose(Function.identity()));
  }

  void noteExpiry(Registration registration, Throwable error) {
    if (error != null && Failures.of(error).code() == ErrorCode.SESSION_EXPIRED) {
      var unused = session.expired(registration);
    }
  }

  /** Asks in the session of a hold; null: in the one in force. */
  <Q, R> CompletableFuture<R> changeIn(
      Hold hold, MethodDescriptor<Q, R> method, Function<RequestContext, Q> request) {
    return hold != null ? once(method, request, hold) : change(method, request, Repeat.NEVER);
  }

  private static <T> CompletableFuture<T> done(T value, Throwable error) {
    return error == null
        ? CompletableFuture.completedFuture(value)
        : CompletableFuture.failedFuture(error);
  }

  /** Forces what was answered so far to the master's disk; as {@link #force(Registration)}. */
  CompletableFuture<Void> force(CompletableFuture<Registration> changedIn) {
    return changedIn.isCompletedExceptionally()
        ? force()
        : changedIn.thenCompose(registration -> force(registration));
  }

  /** Forces what was answered so far to the master's disk. */
  CompletableFuture<Void> force() {
    return session.registration().thenCompose(registration -> force(registration));
  }

  /**
   * Forces what was answered so far to the master's disk.
   *
   * @param changedIn a session in which something was changed that was not forced yet: when it has
   *     expired and the master was started anew since, that may be lost, and this fails. So it
   *     does, once, for names
   */
  private CompletableFuture<Void> force(Registration changedIn) {
    Registration names = namesChangedIn.getAndSet(null);
    Registration in =
        names != null && names.sessionId() < changedIn.sessionId() ? names : changedIn;
    CompletableFuture<ForceReply> forced =
        calls.call(
            FileServiceGrpc.getForceMethod(),
            ForceRequest.newBuilder().setSessionId(in.sessionId()).setEpoch(in.epoch()).build());
    return forced
        .handle((reply, error) -> error == null ? done((Void) null, null) : again(in, names, error))
        .thenCompose(Function.identity());
  }

  private CompletableFuture<Void> again(Registration in, Registration names, Throwable error) {
    if (Failures.of(error).code() != ErrorCode.SESSION_EXPIRED) {
      namesChangedIn.compareAndSet(null, names);
      return CompletableFuture.failedFuture(error);
    }
    return session
        .expired(in)
        .thenCompose(
            fresh ->
                fresh.isOfSameMaster(in) ? force(fresh) : CompletableFuture.failedFuture(error));
  }
}
