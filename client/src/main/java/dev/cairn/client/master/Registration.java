package dev.cairn.client.master;

import dev.cairn.rpc.proto.RequestContext;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** One session as the master gave it, and the numbering of the requests made under it. */
public final class Registration {

  private final long sessionId;
  private final long epoch;
  private final TreeSet<Long> unanswered = new TreeSet<>();
  private long lastSequence;

  Registration(long sessionId, long epoch) {
    this.sessionId = sessionId;
    this.epoch = epoch;
  }

  /** The registration where there is one: null while it is awaited, and when it was refused. */
  static Registration ifThere(CompletableFuture<Registration> future) {
    return future.isDone() && !future.isCompletedExceptionally() ? future.join() : null;
  }

  long sessionId() {
    return sessionId;
  }

  long epoch() {
    return epoch;
  }

  /** The context of a new request; {@link #answered} must follow whatever becomes of it. */
  synchronized RequestContext nextRequest() {
    long sequence = ++lastSequence;
    unanswered.add(sequence);
    return RequestContext.newBuilder()
        .setSessionId(sessionId)
        .setEpoch(epoch)
        .setSequence(sequence)
        .setAnsweredBelow(unanswered.first())
        .build();
  }

  @Override
  public String toString() {
    return Long.toString(sessionId);
  }

  synchronized void answered(RequestContext request) {
    unanswered.remove(request.getSequence());
  }
}
