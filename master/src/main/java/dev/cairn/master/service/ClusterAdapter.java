package dev.cairn.master.service;

import dev.cairn.master.decide.DeletionsDecider;
import dev.cairn.master.decide.DrainDecider;
import dev.cairn.master.log.Writer;
import dev.cairn.master.query.ClusterQueries;
import dev.cairn.master.repair.Repairs;
import dev.cairn.rpc.proto.ClusterServiceGrpc;
import dev.cairn.rpc.proto.DrainReply;
import dev.cairn.rpc.proto.DrainRequest;
import dev.cairn.rpc.proto.ForgetReply;
import dev.cairn.rpc.proto.ForgetRequest;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.GetStatusRequest;
import dev.cairn.rpc.proto.MaintainReply;
import dev.cairn.rpc.proto.MaintainRequest;
import dev.cairn.rpc.proto.ResumeDeletionsReply;
import dev.cairn.rpc.proto.ResumeDeletionsRequest;
import dev.cairn.rpc.proto.ScrubReply;
import dev.cairn.rpc.proto.ScrubRequest;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;

/** The state of the cluster, and what operators do with its servers. */
public final class ClusterAdapter extends ClusterServiceGrpc.ClusterServiceImplBase {

  private final Writer writer;
  private final ClusterQueries cluster;
  private final Repairs repairs;
  private final Executor thread;

  /**
   * Makes the adapter.
   *
   * @param thread for questions; refuses some when too many wait
   */
  public ClusterAdapter(Writer writer, ClusterQueries cluster, Repairs repairs, Executor thread) {
    this.writer = writer;
    this.cluster = cluster;
    this.repairs = repairs;
    this.thread = thread;
  }

  @Override
  public void getStatus(GetStatusRequest request, StreamObserver<GetStatusReply> call) {
    Calls.answerOn(thread, call, cluster::status);
  }

  @Override
  public void scrub(ScrubRequest request, StreamObserver<ScrubReply> call) {
    Calls.answer(call, () -> cluster.scrub(request));
  }

  @Override
  public void drain(DrainRequest request, StreamObserver<DrainReply> call) {
    writer.submit(
        Writer.OPERATORS, (view, now) -> DrainDecider.drain(view, request), Calls.answering(call));
  }

  @Override
  public void maintain(MaintainRequest request, StreamObserver<MaintainReply> call) {
    writer.submit(
        Writer.OPERATORS,
        (view, now) -> DrainDecider.maintain(view, request, now),
        Calls.answering(call));
  }

  @Override
  public void resumeDeletions(
      ResumeDeletionsRequest request, StreamObserver<ResumeDeletionsReply> call) {
    writer.submit(
        Writer.OPERATORS, (view, now) -> DeletionsDecider.resume(view), Calls.answering(call));
  }

  @Override
  public void forget(ForgetRequest request, StreamObserver<ForgetReply> call) {
    int server = request.getServerId();
    // Looked at on the writer's thread: nobody registers or commits meanwhile.
    writer.submit(
        Writer.OPERATORS,
        (view, now) -> DrainDecider.forget(view, server, repairs.needs(server)),
        Calls.answering(call));
  }
}
