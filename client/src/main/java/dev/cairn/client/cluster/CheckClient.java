package dev.cairn.client.cluster;

import dev.cairn.client.ClientSettings;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.CheckPage;
import dev.cairn.rpc.proto.CheckRequest;
import dev.cairn.rpc.proto.CheckServiceGrpc;
import dev.cairn.rpc.proto.CheckServiceGrpc.CheckServiceBlockingStub;
import dev.cairn.rpc.proto.ClusterServiceGrpc;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.GetStatusRequest;
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

  private final MasterConnection<CheckServiceBlockingStub> master;

  /** A connection with the usual timeout of commands. */
  public CheckClient(HostPort master) {
    this(master, ClientSettings.COMMAND_TIMEOUT);
  }

  /** A connection on which the check begins within the timeout, or there is an error. */
  public CheckClient(HostPort master, Duration timeout) {
    this.master = new MasterConnection<>(master, timeout, CheckServiceGrpc::newBlockingStub);
  }

  /** Visits all pages; a check takes as long as it takes, while the master lives. */
  public void check(CheckRequest request, Visitor visitor) throws IOException {
    // The check itself has no deadline: that there is a master who answers is found out before.
    GetStatusReply unused =
        master
            .service(ClusterServiceGrpc::newBlockingStub)
            .ask(stub -> stub.getStatus(GetStatusRequest.getDefaultInstance()));
    boolean ended = false;
    try {
      Iterator<CheckPage> pages = master.stub().check(request);
      while (pages.hasNext()) {
        CheckPage page = pages.next();
        ended = page.getEnd();
        visitor.visit(page);
      }
    } catch (StatusRuntimeException e) {
      throw master.failure(e);
    }
    if (!ended) {
      throw unfinished();
    }
  }

  private CairnException unfinished() {
    return ErrorCode.PROTOCOL.because(master + " ended the check early");
  }

  @Override
  public void close() {
    master.close();
  }
}
