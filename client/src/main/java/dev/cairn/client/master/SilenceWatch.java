package dev.cairn.client.master;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.NamespaceServiceGrpc;
import dev.cairn.rpc.proto.StatFilesystemReply;
import dev.cairn.rpc.proto.StatFilesystemRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Notices a leader that is silent: one that stands still or is cut off keeps its connections, and
 * requests to it would wait for their deadline.
 *
 * <p>Silence alone says little, since a request may take long, and one for a lock does so by
 * design. So a silent master is asked something that any leader answers at once. As long as it
 * answers that, it is never given up. If it does not, the other masters are asked the same, again
 * and again; only one that leads in its place ends the wait. Looks are made by one thread; answers
 * come from those of the connections.
 */
final class SilenceWatch {

  /** How often there is to be looked. */
  static final Duration PERIOD = Duration.ofMillis(100);

  private static final Duration SILENT = Duration.ofMillis(400);
  private static final Duration UNANSWERED = Duration.ofMillis(300);
  private static final Duration ASK_AGAIN = Duration.ofMillis(200);
  private static final Duration LET_GO = Duration.ofSeconds(2);

  private final LeaderFinder finder;
  private final MasterChannels channels;
  private final Map<HostPort, Question> questions = new ConcurrentHashMap<>();
  private volatile long heardNanos = System.nanoTime();
  private HostPort watched;
  private boolean asked;
  private long askedNanos;
  private long othersAskedNanos;

  private record Question(
      ClientCall<StatFilesystemRequest, StatFilesystemReply> call, long sentNanos) {}

  SilenceWatch(LeaderFinder finder, MasterChannels channels) {
    this.finder = finder;
    this.channels = channels;
  }

  /** The master that is asked has answered something. */
  void heard(HostPort from) {
    if (from.equals(finder.target())) {
      heardNanos = System.nanoTime();
    }
  }

  /** Whether the master that is asked has answered anything since then. */
  boolean heardSince(long nanos) {
    return heardNanos - nanos > 0;
  }

  /**
   * Looks whether the master that is asked is silent, and who leads then.
   *
   * @param oldestNanos when the oldest of the requests was sent to it that are not answered
   */
  void look(long oldestNanos, long nowNanos) {
    letGo(nowNanos);
    HostPort target = finder.target();
    long since = Math.max(oldestNanos, heardNanos);
    if (!target.equals(watched) || nowNanos - since < SILENT.toNanos()) {
      watched = target;
      asked = false;
      return;
    }
    if (!asked) {
      asked = true;
      askedNanos = nowNanos;
      othersAskedNanos = nowNanos - ASK_AGAIN.toNanos();
      ask(target, target);
      return;
    }
    if (nowNanos - askedNanos >= UNANSWERED.toNanos()
        && nowNanos - othersAskedNanos >= ASK_AGAIN.toNanos()) {
      othersAskedNanos = nowNanos;
      for (HostPort other : finder.all()) {
        if (!other.equals(target)) {
          ask(other, target);
        }
      }
    }
  }

  /** Gives questions up that nobody answers: their connections may be dead. */
  private void letGo(long nowNanos) {
    for (Question question : questions.values()) {
      if (nowNanos - question.sentNanos() > LET_GO.toNanos()) {
        question.call().cancel("no answer in time", null);
      }
    }
  }

  /** Asks one master, while another one is silent, or that one itself. */
  private void ask(HostPort master, HostPort silent) {
    if (questions.containsKey(master)) {
      return;
    }
    ClientCall<StatFilesystemRequest, StatFilesystemReply> call =
        channels
            .to(master)
            .newCall(NamespaceServiceGrpc.getStatFilesystemMethod(), CallOptions.DEFAULT);
    Question question = new Question(call, System.nanoTime());
    questions.put(master, question);
    call.start(
        new ClientCall.Listener<StatFilesystemReply>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            questions.remove(master, question);
            if (status.isOk() || GrpcErrors.number(trailers) != 0) {
              answered(master, silent, status, trailers);
            }
          }
        },
        new Metadata());
    call.sendMessage(StatFilesystemRequest.getDefaultInstance());
    call.halfClose();
  }

  private void answered(HostPort master, HostPort silent, Status status, Metadata trailers) {
    heard(master);
    ErrorCode code =
        status.isOk() ? null : GrpcErrors.fromStatus(status, trailers, "", null).code();
    if (code == ErrorCode.NOT_LEADER) {
      hinted(master, silent, GrpcErrors.leader(trailers));
    } else if (code == null || code == ErrorCode.STARTING) {
      finder.leadsInstead(master, silent);
    }
  }

  private void hinted(HostPort by, HostPort silent, String hint) {
    if (by.equals(silent)) {
      finder.refused(by, hint);
    } else if (!hint.isEmpty()) {
      finder.leadsInstead(hint, silent);
    }
  }
}
