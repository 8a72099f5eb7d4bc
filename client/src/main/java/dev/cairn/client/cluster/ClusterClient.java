package dev.cairn.client.cluster;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.ClusterServiceGrpc;
import dev.cairn.rpc.proto.ClusterServiceGrpc.ClusterServiceBlockingStub;
import dev.cairn.rpc.proto.DrainReply;
import dev.cairn.rpc.proto.DrainRequest;
import dev.cairn.rpc.proto.ForgetReply;
import dev.cairn.rpc.proto.ForgetRequest;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.GetStatusRequest;
import dev.cairn.rpc.proto.MaintainReply;
import dev.cairn.rpc.proto.MaintainRequest;
import dev.cairn.rpc.proto.ResumeDeletionsRequest;
import dev.cairn.rpc.proto.ScrubReply;
import dev.cairn.rpc.proto.ScrubRequest;
import java.time.Duration;

/** A connection to a master's ClusterService. */
public final class ClusterClient implements Servers {

  private static final Duration WITHIN = Duration.ofSeconds(5);

  private final MasterConnection<ClusterServiceBlockingStub> master;

  public ClusterClient(HostPort master) {
    this.master = new MasterConnection<>(master, ClusterServiceGrpc::newBlockingStub);
  }

  /** The state of the cluster now, or an error that names the master. */
  public GetStatusReply status(Duration within) throws CairnException {
    return master.ask(within, stub -> stub.getStatus(GetStatusRequest.getDefaultInstance()));
  }

  /** Has chunk servers check all their chunks. */
  public ScrubReply scrub(ScrubRequest request, Duration within) throws CairnException {
    return master.ask(within, stub -> stub.scrub(request));
  }

  @Override
  public void drain(int server, boolean draining) throws CairnException {
    DrainRequest request =
        DrainRequest.newBuilder().setServerId(server).setDraining(draining).build();
    DrainReply unused = master.ask(WITHIN, stub -> stub.drain(request));
  }

  @Override
  public void forget(int server) throws CairnException {
    ForgetRequest request = ForgetRequest.newBuilder().setServerId(server).build();
    ForgetReply unused = master.ask(WITHIN, stub -> stub.forget(request));
  }

  /** Lets chunk servers delete again; answers why they did not, empty when they did. */
  public String resumeDeletions() throws CairnException {
    ResumeDeletionsRequest request = ResumeDeletionsRequest.getDefaultInstance();
    return master.ask(WITHIN, stub -> stub.resumeDeletions(request)).getReason();
  }

  @Override
  public void maintain(int server, Duration time) throws CairnException {
    MaintainRequest request =
        MaintainRequest.newBuilder().setServerId(server).setForMillis(time.toMillis()).build();
    MaintainReply unused = master.ask(WITHIN, stub -> stub.maintain(request));
  }

  @Override
  public GetStatusReply status() throws CairnException {
    return status(WITHIN);
  }

  @Override
  public void close() {
    master.close();
  }
}
