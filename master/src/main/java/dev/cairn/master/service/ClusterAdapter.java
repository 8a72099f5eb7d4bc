package dev.cairn.master.service;

import dev.cairn.master.query.ClusterQueries;
import dev.cairn.rpc.proto.ClusterServiceGrpc;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.GetStatusRequest;
import dev.cairn.rpc.proto.ScrubReply;
import dev.cairn.rpc.proto.ScrubRequest;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;

/** The state of the cluster. */
public final class ClusterAdapter extends ClusterServiceGrpc.ClusterServiceImplBase {

  private final ClusterQueries cluster;
  private final Executor pool;

  public ClusterAdapter(ClusterQueries cluster, Executor pool) {
    this.cluster = cluster;
    this.pool = pool;
  }

  @Override
  public void getStatus(GetStatusRequest request, StreamObserver<GetStatusReply> call) {
    Calls.answerOn(pool, call, cluster::status);
  }

  @Override
  public void scrub(ScrubRequest request, StreamObserver<ScrubReply> call) {
    Calls.answer(call, () -> cluster.scrub(request));
  }
}
