package dev.cairn.master.service;

import dev.cairn.master.fsck.Checks;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.CheckPage;
import dev.cairn.rpc.proto.CheckRequest;
import dev.cairn.rpc.proto.CheckServiceGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** Checks of the metadata, as streams of pages. */
public final class CheckAdapter extends CheckServiceGrpc.CheckServiceImplBase {

  private final Checks checks;

  public CheckAdapter(Checks checks) {
    this.checks = checks;
  }

  @Override
  public void check(CheckRequest request, StreamObserver<CheckPage> call) {
    PageStream pages = new PageStream((ServerCallStreamObserver<CheckPage>) call);
    try {
      checks.start(request, pages);
    } catch (CairnException e) {
      Calls.refuse(call, e);
    }
  }

  private static final class PageStream implements Checks.Pages {

    private final PacedStream<CheckPage> stream;

    PageStream(ServerCallStreamObserver<CheckPage> call) {
      this.stream = new PacedStream<>("the check", call);
    }

    @Override
    public void take(CheckPage page) throws CairnException {
      stream.send(page, page.getEnd());
    }

    @Override
    public void failed(CairnException why) {
      stream.failed(why);
    }
  }
}
