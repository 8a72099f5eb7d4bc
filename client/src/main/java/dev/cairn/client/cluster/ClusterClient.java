package dev.cairn.client.cluster;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.ClusterServiceGrpc;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.GetStatusRequest;
import dev.cairn.rpc.proto.ScrubReply;
import dev.cairn.rpc.proto.ScrubRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A connection to a master's ClusterService. */
public final class ClusterClient implements AutoCloseable {

  private final HostPort master;
  private final ManagedChannel channel;

  public ClusterClient(HostPort master) {
    this.master = master;
    this.channel = ControlPlane.channel(master);
  }

  /** The state of the cluster now, or an error that names the master. */
  public GetStatusReply status(Duration within) throws CairnException {
    try {
      return ClusterServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(within.toMillis(), TimeUnit.MILLISECONDS)
          .getStatus(GetStatusRequest.getDefaultInstance());
    } catch (StatusRuntimeException e) {
      throw GrpcErrors.fromThrowable(e, "the master at " + master);
    }
  }

  /** Has chunk servers check all their chunks. */
  public ScrubReply scrub(ScrubRequest request, Duration within) throws CairnException {
    try {
      return ClusterServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(within.toMillis(), TimeUnit.MILLISECONDS)
          .scrub(request);
    } catch (StatusRuntimeException e) {
      throw GrpcErrors.fromThrowable(e, "the master at " + master);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
