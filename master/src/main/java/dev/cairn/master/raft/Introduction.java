package dev.cairn.master.raft;

import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.GreetReply;
import dev.cairn.rpc.proto.GreetRequest;
import dev.cairn.rpc.proto.JoinReply;
import dev.cairn.rpc.proto.JoinRequest;
import dev.cairn.rpc.proto.MastersServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a master that is started finds its part, on a thread of its own. See the page of this package
 * for the rules.
 */
public final class Introduction {

  /** What a master does about what it has found out. */
  public interface Outcome {

    /** The cluster in the directory; empty when there is none. */
    String cluster();

    /** Whether the directory has a log of that cluster. */
    boolean wasMember();

    /** Founds a group of this master alone, and a cluster if there is none. */
    Member found() throws IOException;

    /** Takes part in the group of a cluster. */
    Member join(String cluster) throws IOException;

    /** The process is to end, and the sentence says why. */
    void refused(IOException why);

    /** Its settings that decide about the state. */
    List<String> settings();
  }

  private static final Logger LOG = LoggerFactory.getLogger(Introduction.class);
  private static final long EVERY_MILLIS = 300;
  private static final long CALL_MILLIS = 1500;

  private final MemberId id;
  private final List<Peer> peers;
  private final Outcome outcome;
  private final Thread thread = new Thread(this::run, "master-introduction");
  private final CountDownLatch stopped = new CountDownLatch(1);
  private String said = "";

  public Introduction(MemberId id, List<Peer> peers, Outcome outcome) {
    this.id = id;
    this.peers = peers;
    this.outcome = outcome;
  }

  public void start() {
    thread.start();
  }

  /** Returns when it does nothing any more. */
  public void stop() throws InterruptedException {
    stopped.countDown();
    thread.interrupt();
    thread.join(TimeUnit.SECONDS.toMillis(10));
  }

  private void run() {
    try {
      Member member = outcome.wasMember() ? comeBack() : null;
      while (member == null && !pause()) {
        member = findPart();
      }
      while (member != null && !member.isMember() && !pause()) {
        ask(member);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      if (stopped.getCount() > 0) {
        outcome.refused(e);
      }
    }
  }

  private boolean pause() throws InterruptedException {
    return stopped.await(EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * A member that was restarted has forgotten whom it followed, and may not support another yet.
   */
  private Member comeBack() throws IOException, InterruptedException {
    return stopped.await(Timeouts.LEAST.toMillis(), TimeUnit.MILLISECONDS)
        ? null
        : outcome.join(outcome.cluster());
  }

  private Member findPart() throws IOException {
    Map<Peer, GreetReply> replies = greetAll();
    String own = outcome.cluster();
    for (Map.Entry<Peer, GreetReply> other : replies.entrySet()) {
      compare(own, other.getKey(), other.getValue());
    }
    if (!own.isEmpty()) {
      return outcome.found();
    }
    for (GreetReply other : replies.values()) {
      if (!other.getClusterId().isEmpty() && other.getMember()) {
        return outcome.join(other.getClusterId());
      }
    }
    if (replies.values().stream().anyMatch(other -> !other.getClusterId().isEmpty())) {
      return null;
    }
    return mayFound(replies) ? outcome.found() : null;
  }

  private void compare(String own, Peer peer, GreetReply other) throws IOException {
    if (!own.isEmpty() && !other.getClusterId().isEmpty()) {
      if (!own.equals(other.getClusterId())) {
        throw new IOException(
            "the directory of this master holds cluster %s, and the master at %s is of cluster %s: give --data another directory, or leave that master out of --peers"
                .formatted(own, peer.control(), other.getClusterId()));
      }
      throw new IOException(
          "the directory of this master is an old one: the cluster goes on at %s without it. Start this master on an empty directory, and it will get everything from there"
              .formatted(peer.control()));
    }
    TreeSet<String> mine = new TreeSet<>(outcome.settings());
    mine.removeAll(other.getSettingsList());
    if (!mine.isEmpty()) {
      TreeSet<String> theirs = new TreeSet<>(other.getSettingsList());
      theirs.removeAll(outcome.settings());
      throw new IOException(
          "this master is started with %s, and the one at %s with %s: give all masters the same"
              .formatted(String.join(" ", mine), peer.control(), String.join(" ", theirs)));
    }
  }

  /**
   * A cluster is founded by the first of the masters, and only when all others say that they have
   * none either: one that does not answer may have it.
   */
  private boolean mayFound(Map<Peer, GreetReply> replies) {
    List<String> mine = peers.stream().map(Peer::toString).sorted().toList();
    for (Map.Entry<Peer, GreetReply> other : replies.entrySet()) {
      if (!other.getValue().getPeersList().equals(mine)) {
        say(
            "the master at %s was started with --peers %s, and this one with %s: no cluster is founded until all lists name the same masters"
                .formatted(
                    other.getKey().control(),
                    String.join(",", other.getValue().getPeersList()),
                    String.join(",", mine)));
        return false;
      }
    }
    if (replies.size() < peers.size() - 1) {
      List<String> silent =
          peers.stream()
              .filter(peer -> !peer.equals(id.peer()) && !replies.containsKey(peer))
              .map(peer -> peer.control().toString())
              .toList();
      say("this master has nothing yet, and waits for " + String.join(", ", silent));
      return false;
    }
    return mine.get(0).equals(id.peer().toString());
  }

  private void say(String sentence) {
    if (!sentence.equals(said)) {
      LOG.info("{}", sentence);
      said = sentence;
    }
  }

  private Map<Peer, GreetReply> greetAll() {
    Map<Peer, GreetReply> replies = new HashMap<>();
    for (Peer peer : peers) {
      if (!peer.equals(id.peer())) {
        GreetReply reply = greet(peer);
        if (reply != null) {
          replies.put(peer, reply);
        }
      }
    }
    return replies;
  }

  private GreetReply greet(Peer peer) {
    ManagedChannel channel = ControlPlane.channel(peer.control());
    try {
      return MastersServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(CALL_MILLIS, TimeUnit.MILLISECONDS)
          .greet(GreetRequest.newBuilder().setFrom(id.address()).build());
    } catch (StatusRuntimeException e) {
      return null;
    } finally {
      channel.shutdownNow();
    }
  }

  /** Asks the leader to be made a member. */
  private void ask(Member member) {
    for (Map.Entry<Peer, GreetReply> other : greetAll().entrySet()) {
      if (!other.getValue().getLeader().equals(other.getKey().control().toString())) {
        continue;
      }
      ManagedChannel channel = ControlPlane.channel(other.getKey().control());
      try {
        JoinReply unused =
            MastersServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL_MILLIS, TimeUnit.MILLISECONDS)
                .join(
                    JoinRequest.newBuilder()
                        .setId(id.word())
                        .setAddress(id.address())
                        .setRaftAddress(member.raftAddress().toString())
                        .setClusterId(other.getValue().getClusterId())
                        .build());
      } catch (StatusRuntimeException e) {
        CairnException why =
            GrpcErrors.fromThrowable(e, "the master at " + other.getKey().control());
        if (why.code().retry() == ErrorCode.Retry.NO) {
          say("this master is no member yet: " + why.getMessage());
        }
      } finally {
        channel.shutdownNow();
      }
    }
  }
}
