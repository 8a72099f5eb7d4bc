package dev.cairn.client.cluster;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.CheckPage;
import dev.cairn.rpc.proto.CheckRequest;
import dev.cairn.rpc.proto.CheckServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Iterator;

/** Has a master check its metadata. */
public final class CheckClient implements AutoCloseable {

  /** Is given the pages of a check, as they come. */
  @FunctionalInterface
  public interface Visitor {
    void visit(CheckPage page) throws IOException;
  }

  private final HostPort master;
  private final ManagedChannel channel;

  public CheckClient(HostPort master) {
    this.master = master;
    this.channel = ControlPlane.channel(master);
  }

  /** Visits all pages; a check takes as long as it takes, while the master lives. */
  public void check(CheckRequest request, Visitor visitor) throws IOException {
    boolean ended = false;
    try {
      Iterator<CheckPage> pages = CheckServiceGrpc.newBlockingStub(channel).check(request);
      while (pages.hasNext()) {
        CheckPage page = pages.next();
        ended = page.getEnd();
        visitor.visit(page);
      }
    } catch (StatusRuntimeException e) {
      throw GrpcErrors.fromThrowable(e, "the master at " + master);
    }
    if (!ended) {
      throw unfinished();
    }
  }

  private CairnException unfinished() {
    return ErrorCode.PROTOCOL.because("the master at " + master + " ended the check early");
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
