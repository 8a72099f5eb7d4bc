package dev.cairn.client.cluster;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.CheckPage;
import dev.cairn.rpc.proto.CheckRequest;
import dev.cairn.rpc.proto.CheckServiceGrpc;
import dev.cairn.rpc.proto.CheckServiceGrpc.CheckServiceBlockingStub;
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

  private final MasterConnection<CheckServiceBlockingStub> master;

  public CheckClient(HostPort master) {
    this.master = new MasterConnection<>(master, CheckServiceGrpc::newBlockingStub);
  }

  /** Visits all pages; a check takes as long as it takes, while the master lives. */
  public void check(CheckRequest request, Visitor visitor) throws IOException {
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
