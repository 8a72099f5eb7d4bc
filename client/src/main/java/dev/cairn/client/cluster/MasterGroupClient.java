package dev.cairn.client.cluster;

import com.google.common.util.concurrent.ListenableFuture;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.AddMasterReply;
import dev.cairn.rpc.proto.AddMasterRequest;
import dev.cairn.rpc.proto.GetMastersReply;
import dev.cairn.rpc.proto.GetMastersRequest;
import dev.cairn.rpc.proto.MasterMember;
import dev.cairn.rpc.proto.MasterRole;
import dev.cairn.rpc.proto.MastersServiceGrpc;
import dev.cairn.rpc.proto.MoveLeadershipRequest;
import dev.cairn.rpc.proto.RemoveMasterReply;
import dev.cairn.rpc.proto.RemoveMasterRequest;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Connections to the MastersService of each master. */
public final class MasterGroupClient implements MasterGroup {

  private static final long ANSWER_MILLIS = 5000;

  private final Masters masters;
  private final MasterConnection leader;

  /** Connections on which what the leader does is done within the timeout, or there is an error. */
  public MasterGroupClient(Masters masters, Duration timeout) {
    this.masters = masters;
    this.leader = new MasterConnection(masters, timeout);
  }

  @Override
  public List<Answer> ask() {
    Map<HostPort, Answer> answers = new LinkedHashMap<>();
    ask(masters.addresses(), answers);
    Set<HostPort> named = new LinkedHashSet<>();
    for (Answer answer : answers.values()) {
      if (answer.isThere()) {
        for (MasterMember member : answer.reply().getMembersList()) {
          named.add(HostPort.parsePeer(member.getAddress()));
        }
      }
    }
    named.removeAll(answers.keySet());
    if (named.size() > 0 && answers.values().stream().noneMatch(a -> isOnly(a, named))) {
      ask(List.copyOf(named), answers);
    }
    return List.copyOf(answers.values());
  }

  /** Whether the only master of a cluster goes by another name than it was asked by. */
  private static boolean isOnly(Answer answer, Set<HostPort> named) {
    return answer.isThere() && answer.reply().getMembersCount() == 1 && named.size() == 1;
  }

  private static void ask(List<HostPort> some, Map<HostPort, Answer> answers) {
    Map<HostPort, ManagedChannel> channels = new LinkedHashMap<>();
    Map<HostPort, ListenableFuture<GetMastersReply>> replies = new LinkedHashMap<>();
    for (HostPort master : some) {
      ManagedChannel channel = ControlPlane.channel(master);
      channels.put(master, channel);
      replies.put(
          master,
          MastersServiceGrpc.newFutureStub(channel)
              .withDeadlineAfter(ANSWER_MILLIS, TimeUnit.MILLISECONDS)
              .getMasters(GetMastersRequest.getDefaultInstance()));
    }
    replies.forEach((master, reply) -> answers.put(master, answer(master, reply)));
    channels.values().forEach(ManagedChannel::shutdownNow);
  }

  private static Answer answer(HostPort master, ListenableFuture<GetMastersReply> reply) {
    try {
      return new Answer(master, reply.get(), "");
    } catch (ExecutionException e) {
      String peer = "the master at " + master;
      String said = GrpcErrors.fromThrowable(e.getCause(), peer).getMessage();
      return new Answer(
          master, null, said.startsWith(peer + " ") ? said.substring(peer.length() + 1) : said);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer(master, null, "was not waited for");
    }
  }

  @Override
  public String lead(String to) throws CairnException {
    // Named, so that a request which is sent again after a lost answer moves nothing once more.
    String target = to.isEmpty() ? furthestFollower() : to;
    MoveLeadershipRequest request = MoveLeadershipRequest.newBuilder().setTo(target).build();
    return leader.ask(MastersServiceGrpc.getMoveLeadershipMethod(), request).getLeader();
  }

  /** As the leader has it; empty where there is none. */
  private String furthestFollower() {
    return ask().stream()
        .filter(Answer::isThere)
        .map(Answer::reply)
        .filter(reply -> reply.getAsked().equals(reply.getLeader()))
        .flatMap(reply -> reply.getMembersList().stream())
        .filter(member -> member.getReachable() && member.getRole() != MasterRole.MASTER_LEADING)
        .max(Comparator.comparingLong(MasterMember::getLastIndex))
        .map(MasterMember::getAddress)
        .orElse("");
  }

  @Override
  public void add(HostPort master) throws CairnException {
    AddMasterRequest request = AddMasterRequest.newBuilder().setAddress(master.toString()).build();
    AddMasterReply unused = leader.ask(MastersServiceGrpc.getAddMasterMethod(), request);
  }

  @Override
  public void remove(HostPort master) throws CairnException {
    RemoveMasterRequest request =
        RemoveMasterRequest.newBuilder().setAddress(master.toString()).build();
    RemoveMasterReply unused = leader.ask(MastersServiceGrpc.getRemoveMasterMethod(), request);
  }

  @Override
  public void close() {
    leader.close();
  }
}
