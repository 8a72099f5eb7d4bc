package dev.cairn.master.raft;

import dev.cairn.master.store.Store;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.AddMasterReply;
import dev.cairn.rpc.proto.AddMasterRequest;
import dev.cairn.rpc.proto.CloseCheckpointReply;
import dev.cairn.rpc.proto.CloseCheckpointRequest;
import dev.cairn.rpc.proto.GetMastersReply;
import dev.cairn.rpc.proto.GetMastersRequest;
import dev.cairn.rpc.proto.GreetReply;
import dev.cairn.rpc.proto.GreetRequest;
import dev.cairn.rpc.proto.JoinReply;
import dev.cairn.rpc.proto.JoinRequest;
import dev.cairn.rpc.proto.MasterMember;
import dev.cairn.rpc.proto.MasterRole;
import dev.cairn.rpc.proto.MastersServiceGrpc;
import dev.cairn.rpc.proto.MoveLeadershipReply;
import dev.cairn.rpc.proto.MoveLeadershipRequest;
import dev.cairn.rpc.proto.OpenCheckpointReply;
import dev.cairn.rpc.proto.OpenCheckpointRequest;
import dev.cairn.rpc.proto.ReadCheckpointReply;
import dev.cairn.rpc.proto.ReadCheckpointRequest;
import dev.cairn.rpc.proto.RemoveMasterReply;
import dev.cairn.rpc.proto.RemoveMasterRequest;
import io.grpc.stub.StreamObserver;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/** What the masters of a cluster say to each other, and what operators ask of them. */
public final class MastersAdapter extends MastersServiceGrpc.MastersServiceImplBase
    implements Closeable {

  /** What this master is at present. */
  public interface Self {

    /** Its part in the cluster; null while it has none yet. */
    Member member();

    /** The cluster in its directory; empty when there is none. */
    String cluster();

    /** Its settings that decide about the state. */
    List<String> settings();
  }

  /** A call that is answered on a thread of its own, as it may take long. */
  private interface Question<R> {
    R ask() throws CairnException;
  }

  private static final long SILENT_MILLIS = 3000;

  private final MemberId id;
  private final List<Peer> peers;
  private final Self self;
  private final CheckpointService checkpoints;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(4, task -> new Thread(task, "master-members"));
  private final Membership membership;

  /**
   * The adapter of a master.
   *
   * @param checkpoints the directory of copies of the tables, on their filesystem
   */
  public MastersAdapter(MemberId id, List<Peer> peers, Self self, Store store, Path checkpoints)
      throws IOException {
    this.id = id;
    this.peers = peers;
    this.self = self;
    this.checkpoints = new CheckpointService(store, checkpoints);
    this.membership = new Membership(peers, id.peer(), threads);
  }

  private static <R> void answer(StreamObserver<R> call, Question<R> question) {
    R reply;
    try {
      reply = question.ask();
    } catch (CairnException e) {
      call.onError(GrpcErrors.toStatus(e));
      return;
    }
    call.onNext(reply);
    call.onCompleted();
  }

  private <R> void answerLater(StreamObserver<R> call, Question<R> question) {
    try {
      threads.execute(() -> answer(call, question));
    } catch (RejectedExecutionException e) {
      call.onError(GrpcErrors.toStatus(ErrorCode.STOPPING.because("the master is stopping", e)));
    }
  }

  private Member leading() throws CairnException {
    Member member = self.member();
    if (member == null || !member.isLeading()) {
      throw CairnException.notLeader(member == null ? "" : member.leader());
    }
    return member;
  }

  @Override
  public void greet(GreetRequest request, StreamObserver<GreetReply> call) {
    Member member = self.member();
    answer(
        call,
        () ->
            GreetReply.newBuilder()
                .setId(id.word())
                .setClusterId(self.cluster())
                .setMember(member != null)
                .addAllPeers(peers.stream().map(Peer::toString).sorted().toList())
                .setLeader(member == null ? "" : member.leader())
                .addAllSettings(self.settings())
                .build());
  }

  @Override
  public void join(JoinRequest request, StreamObserver<JoinReply> call) {
    answerLater(
        call,
        () -> {
          Member member = leading();
          if (!request.getClusterId().equals(self.cluster())) {
            throw ErrorCode.OTHER_CLUSTER.because(
                "this master is of cluster " + self.cluster() + ", not " + request.getClusterId());
          }
          membership.ask(
              member, MemberId.of(request.getId(), request.getAddress(), request.getRaftAddress()));
          return JoinReply.getDefaultInstance();
        });
  }

  @Override
  public void getMasters(GetMastersRequest request, StreamObserver<GetMastersReply> call) {
    answer(call, this::masters);
  }

  private GetMastersReply masters() {
    Member member = self.member();
    GetMastersReply.Builder reply = GetMastersReply.newBuilder().setAsked(id.address());
    if (member == null) {
      return reply
          .addMembers(
              MasterMember.newBuilder()
                  .setAddress(id.address())
                  .setRaftAddress(id.peer().raft().toString())
                  .setRole(MasterRole.MASTER_STARTING)
                  .setReachable(true))
          .build();
    }
    reply.setTerm(member.term()).setLeader(member.leader());
    List<Member.Standing> members = member.members();
    for (Member.Standing each : members) {
      reply.addMembers(
          MasterMember.newBuilder()
              .setAddress(each.member().address())
              .setRaftAddress(each.member().peer().raft().toString())
              .setRole(role(each, !reply.getLeader().isEmpty()))
              .setLastIndex(Math.max(0, each.lastIndex()))
              .setAppliedIndex(Math.max(0, each.applied()))
              .setReachable(each.silentMillis() < SILENT_MILLIS)
              .setSilentMillis(each.silentMillis()));
    }
    if (members.stream().noneMatch(Member.Standing::self)) {
      reply.addMembers(
          MasterMember.newBuilder()
              .setAddress(id.address())
              .setRaftAddress(id.peer().raft().toString())
              .setRole(MasterRole.MASTER_STARTING)
              .setReachable(true));
    }
    return reply.build();
  }

  private static MasterRole role(Member.Standing member, boolean someoneLeads) {
    if (member.leads()) {
      return MasterRole.MASTER_LEADING;
    }
    return someoneLeads ? MasterRole.MASTER_FOLLOWING : MasterRole.MASTER_STANDING;
  }

  @Override
  public void moveLeadership(
      MoveLeadershipRequest request, StreamObserver<MoveLeadershipReply> call) {
    answerLater(
        call,
        () -> {
          Member member = leading();
          String to = request.getTo().isEmpty() ? furthest(member) : request.getTo();
          member.moveLeadership(to);
          return MoveLeadershipReply.newBuilder().setLeader(to).build();
        });
  }

  private static String furthest(Member member) throws CairnException {
    return member.members().stream()
        .filter(each -> !each.self() && each.silentMillis() < SILENT_MILLIS)
        .max(Comparator.comparingLong(Member.Standing::lastIndex))
        .map(each -> each.member().address())
        .orElseThrow(
            () -> ErrorCode.BUSY.because("no other master is heard that could lead instead"));
  }

  @Override
  public void addMaster(AddMasterRequest request, StreamObserver<AddMasterReply> call) {
    String address;
    try {
      address = address(request.getAddress()).toString();
      if (leading().addresses().contains(address)) {
        throw ErrorCode.EXISTS.because(address + " is a master of this cluster already");
      }
    } catch (CairnException e) {
      call.onError(GrpcErrors.toStatus(e));
      return;
    }
    CompletableFuture<Void> unused =
        membership
            .invite(address)
            .whenComplete((done, failure) -> answer(call, () -> added(address, failure)));
  }

  private static AddMasterReply added(String address, Throwable failure) throws CairnException {
    if (failure != null) {
      throw ErrorCode.TIMED_OUT.because(
          "the master at %s has not come: start it on an empty directory, with --peers that name it and the others"
              .formatted(address));
    }
    return AddMasterReply.getDefaultInstance();
  }

  private static HostPort address(String text) throws CairnException {
    try {
      return HostPort.parsePeer(text);
    } catch (IllegalArgumentException e) {
      throw ErrorCode.INVALID.because(e.getMessage(), e);
    }
  }

  @Override
  public void removeMaster(RemoveMasterRequest request, StreamObserver<RemoveMasterReply> call) {
    answerLater(
        call,
        () -> {
          leading().remove(address(request.getAddress()).toString());
          return RemoveMasterReply.getDefaultInstance();
        });
  }

  @Override
  public void openCheckpoint(
      OpenCheckpointRequest request, StreamObserver<OpenCheckpointReply> call) {
    answerLater(
        call,
        () -> {
          Member member = leading();
          if (!request.getClusterId().equals(self.cluster())) {
            throw ErrorCode.OTHER_CLUSTER.because("this master is of cluster " + self.cluster());
          }
          return checkpoints.open(member::mark);
        });
  }

  @Override
  public void readCheckpoint(
      ReadCheckpointRequest request, StreamObserver<ReadCheckpointReply> call) {
    answerLater(call, () -> checkpoints.read(request));
  }

  @Override
  public void closeCheckpoint(
      CloseCheckpointRequest request, StreamObserver<CloseCheckpointReply> call) {
    answerLater(
        call,
        () -> {
          try {
            checkpoints.close(request.getCheckpoint());
          } catch (IOException e) {
            throw ErrorCode.IO.because(
                "the copy of the tables cannot be removed: " + e.getMessage(), e);
          }
          return CloseCheckpointReply.getDefaultInstance();
        });
  }

  @Override
  public void close() throws IOException {
    threads.shutdownNow();
    checkpoints.close();
  }
}
