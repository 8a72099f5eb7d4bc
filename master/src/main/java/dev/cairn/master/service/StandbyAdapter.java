package dev.cairn.master.service;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.ServerDecider;
import dev.cairn.master.query.MasterGroup;
import dev.cairn.master.record.proto.ChunkServer;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ChunkReport;
import dev.cairn.rpc.proto.ChunkReportReply;
import dev.cairn.rpc.proto.ChunkServerServiceGrpc;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.HeartbeatRequest;
import dev.cairn.rpc.proto.RegisterReply;
import dev.cairn.rpc.proto.RegisterRequest;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a master that follows says to chunk servers: it remembers who is there, and orders nothing.
 * When it leads, those that were heard a moment ago count as registered, so that clients can write
 * at once; their next heartbeat has them register and report to the new leader.
 */
public final class StandbyAdapter extends ChunkServerServiceGrpc.ChunkServerServiceImplBase {

  private static final int HEARTBEAT_MILLIS = 1000;
  private static final Duration A_MOMENT = Duration.ofSeconds(3);

  /** A chunk server as it was heard of last. */
  private record Heard(RegisterRequest request, long ticks) {}

  private final MetadataView latest;
  private final MasterGroup group;
  private final Time time;
  private final long incarnation;
  private final Map<Integer, Heard> byId = new ConcurrentHashMap<>();

  /**
   * An adapter.
   *
   * @param incarnation the number that this master has while it follows
   */
  public StandbyAdapter(MetadataView latest, MasterGroup group, Time time, long incarnation) {
    this.latest = latest;
    this.group = group;
    this.time = time;
    this.incarnation = incarnation;
  }

  @Override
  public void register(RegisterRequest request, StreamObserver<RegisterReply> call) {
    Calls.answer(
        call,
        () -> {
          Decision<ChunkServer> decision = ServerDecider.register(latest, request);
          if (!decision.records().isEmpty()) {
            throw ErrorCode.STARTING.because(
                "this master follows, and has not heard from the leader of this chunk server yet");
          }
          int server = decision.reply().getId();
          byId.put(server, new Heard(request, time.ticks()));
          return RegisterReply.newBuilder()
              .setServerId(server)
              .setClusterId(latest.text(Meta.CLUSTER_ID))
              .setHeartbeatMillis(HEARTBEAT_MILLIS)
              .setMasterIncarnation(incarnation)
              .setTerm(group.term())
              .build();
        });
  }

  @Override
  public void heartbeat(HeartbeatRequest request, StreamObserver<HeartbeatReply> call) {
    Heard known =
        request.getMasterIncarnation() == incarnation
            ? byId.computeIfPresent(
                request.getServerId(),
                (id, heard) ->
                    new Heard(
                        heard.request().toBuilder()
                            .clearDisks()
                            .addAllDisks(request.getDisksList())
                            .build(),
                        time.ticks()))
            : null;
    Calls.reply(
        call,
        HeartbeatReply.newBuilder().setRegisterAgain(known == null).setTerm(group.term()).build());
  }

  @Override
  public StreamObserver<ChunkReport> reportChunks(StreamObserver<ChunkReportReply> call) {
    Calls.ignoreCancelling(call);
    return new StreamObserver<>() {
      @Override
      public void onNext(ChunkReport page) {
        // A leader has everything reported anew.
      }

      @Override
      public void onError(Throwable broken) {}

      @Override
      public void onCompleted() {
        Calls.reply(call, ChunkReportReply.getDefaultInstance());
      }
    };
  }

  /** The chunk servers that were heard a moment ago, as they would register now. */
  public List<RegisterRequest> there() {
    List<RegisterRequest> there = new ArrayList<>();
    for (Heard heard : byId.values()) {
      if (time.ticks() - heard.ticks() < A_MOMENT.toNanos()) {
        there.add(heard.request());
      }
    }
    return there;
  }
}
