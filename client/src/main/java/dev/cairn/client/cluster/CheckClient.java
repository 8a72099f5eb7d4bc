package dev.cairn.client.cluster;

import dev.cairn.client.ClientSettings;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.CheckPage;
import dev.cairn.rpc.proto.CheckRequest;
import dev.cairn.rpc.proto.CheckServiceGrpc;
import dev.cairn.rpc.proto.ClusterServiceGrpc;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.GetStatusRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;

/** Has a master check its metadata. */
public final class CheckClient implements AutoCloseable {

  /** Is given the pages of a check, as they come. */
  @FunctionalInterface
  public interface Visitor {
    void visit(CheckPage page) throws IOException;
  }

  private final MasterConnection master;

  /** A connection with the usual timeout of commands. */
  public CheckClient(Masters masters) {
    this(masters, ClientSettings.COMMAND_TIMEOUT);
  }

  /** A connection on which the check begins within the timeout, or there is an error. */
  public CheckClient(Masters masters, Duration timeout) {
    this.master = new MasterConnection(masters, timeout);
  }

  /** Visits all pages; a check takes as long as it takes, while the master lives. */
  public void check(CheckRequest request, Visitor visitor) throws IOException {
    // The check itself has no deadline: that there is a master who answers is found out before.
    GetStatusReply unused =
        master.ask(ClusterServiceGrpc.getGetStatusMethod(), GetStatusRequest.getDefaultInstance());
    HostPort leader = master.leader();
    String peer = "the master at " + leader;
    ManagedChannel channel = ControlPlane.channel(leader);
    boolean ended = false;
    try {
      Iterator<CheckPage> pages = CheckServiceGrpc.newBlockingStub(channel).check(request);
      while (pages.hasNext()) {
        CheckPage page = pages.next();
        ended = page.getEnd();
        visitor.visit(page);
      }
    } catch (StatusRuntimeException e) {
      throw GrpcErrors.fromThrowable(e, peer);
    } finally {
      channel.shutdownNow();
    }
    if (!ended) {
      throw ErrorCode.PROTOCOL.because(peer + " ended the check early");
    }
  }

  @Override
  public void close() {
    master.close();
  }
}
