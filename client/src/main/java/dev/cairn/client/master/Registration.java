package dev.cairn.client.master;

import dev.cairn.rpc.proto.KeepAliveRequest;
import dev.cairn.rpc.proto.RequestContext;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** One session as the master gave it, and the numbering of the requests made under it. */
public final class Registration {

  private final long sessionId;
  private final long epoch;
  private final TreeMap<Long, RequestContext> unanswered = new TreeMap<>();

  /** Granted requests, but for those older than one that was granted when they were answered. */
  private final TreeSet<Long> granted = new TreeSet<>();

  private volatile long masterIncarnation;

  /**
   * Requests that were given up and may be done all the same, now or later, as long as they may
   * have had the replies to granted ones forgotten.
   */
  private final TreeMap<Long, RequestContext> givenUp = new TreeMap<>();

  private long lastSequence;

  Registration(long sessionId, long epoch, long masterIncarnation) {
    this.sessionId = sessionId;
    this.epoch = epoch;
    this.masterIncarnation = masterIncarnation;
  }

  /** A master that was started anew has all that was granted in this session. */
  void takenOver(long byIncarnation) {
    masterIncarnation = byIncarnation;
  }

  /** Whether no start of the master was between the two sessions. */
  boolean isOfSameMaster(Registration other) {
    return masterIncarnation == other.masterIncarnation;
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

  /**
   * The context of a new request; {@link #granted}, {@link #refused} or {@link #givenUp} must
   * follow.
   */
  synchronized RequestContext nextRequest() {
    long sequence = ++lastSequence;
    RequestContext context =
        RequestContext.newBuilder()
            .setSessionId(sessionId)
            .setEpoch(epoch)
            .setSequence(sequence)
            .setAnsweredBelow(unanswered.isEmpty() ? sequence : unanswered.firstKey())
            .build();
    unanswered.put(sequence, context);
    return context;
  }

  @Override
  public String toString() {
    return Long.toString(sessionId);
  }

  synchronized void granted(RequestContext request) {
    granted.headSet(request.getAnsweredBelow()).clear();
    granted.add(request.getSequence());
    unanswered.remove(request.getSequence());
    long oldest = granted.first();
    givenUp.values().removeIf(other -> other.getAnsweredBelow() <= oldest);
  }

  synchronized void refused(RequestContext request) {
    unanswered.remove(request.getSequence());
  }

  /** No answer came, and nobody waits for one any more. */
  synchronized void givenUp(RequestContext request) {
    unanswered.remove(request.getSequence());
    givenUp.put(request.getSequence(), request);
  }

  /** Says what a master must know that has all it ever answered to this session. */
  synchronized void describe(KeepAliveRequest.Builder request) {
    request
        .addAllGrantedRequests(granted)
        .addAllUnansweredRequests(unanswered.values())
        .addAllUnansweredRequests(givenUp.values());
  }
}
