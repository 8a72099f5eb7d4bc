package dev.cairn.client.cluster;

import dev.cairn.client.ClientSettings;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.ClusterServiceGrpc;
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

  private final MasterConnection master;

  /** A connection with the usual timeout of commands. */
  public ClusterClient(Masters masters) {
    this(masters, ClientSettings.COMMAND_TIMEOUT);
  }

  /** A connection on which an answer comes within the timeout, or an error. */
  public ClusterClient(Masters masters, Duration timeout) {
    this.master = new MasterConnection(masters, timeout);
  }

  @Override
  public void drain(int server, boolean draining) throws CairnException {
    DrainRequest request =
        DrainRequest.newBuilder().setServerId(server).setDraining(draining).build();
    DrainReply unused = master.ask(ClusterServiceGrpc.getDrainMethod(), request);
  }

  @Override
  public void forget(int server) throws CairnException {
    ForgetRequest request = ForgetRequest.newBuilder().setServerId(server).build();
    ForgetReply unused = master.askOnce(ClusterServiceGrpc.getForgetMethod(), request);
  }

  /** Lets chunk servers delete again; answers why they did not, empty when they did. */
  public String resumeDeletions() throws CairnException {
    ResumeDeletionsRequest request = ResumeDeletionsRequest.getDefaultInstance();
    return master.askOnce(ClusterServiceGrpc.getResumeDeletionsMethod(), request).getReason();
  }

  @Override
  public void maintain(int server, Duration time) throws CairnException {
    MaintainRequest request =
        MaintainRequest.newBuilder().setServerId(server).setForMillis(time.toMillis()).build();
    MaintainReply unused = master.ask(ClusterServiceGrpc.getMaintainMethod(), request);
  }

  @Override
  public GetStatusReply status() throws CairnException {
    return master.ask(
        ClusterServiceGrpc.getGetStatusMethod(), GetStatusRequest.getDefaultInstance());
  }

  @Override
  public ScrubReply scrub(ScrubRequest request) throws CairnException {
    return master.ask(ClusterServiceGrpc.getScrubMethod(), request);
  }

  @Override
  public void close() {
    master.close();
  }
}
