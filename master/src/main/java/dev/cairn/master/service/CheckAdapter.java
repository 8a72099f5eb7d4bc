package dev.cairn.master.service;

import dev.cairn.master.fsck.Checks;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.CheckPage;
import dev.cairn.rpc.proto.CheckRequest;
import dev.cairn.rpc.proto.CheckServiceGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;

/** Checks of the metadata, as streams of pages. */
public final class CheckAdapter extends CheckServiceGrpc.CheckServiceImplBase {

  /** Longer, and one client that reads nothing would keep all others from checking. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

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

  /** The pages on their way: one that is not taken holds the check up for some time. */
  private static final class PageStream implements Checks.Pages {

    private final ServerCallStreamObserver<CheckPage> call;

    PageStream(ServerCallStreamObserver<CheckPage> call) {
      this.call = call;
      call.setOnCancelHandler(this::changed);
      call.setOnReadyHandler(this::changed);
    }

    private synchronized void changed() {
      notifyAll();
    }

    @Override
    public synchronized void take(CheckPage page) throws CairnException {
      try {
        long waited = System.nanoTime();
        while (!call.isReady() && !call.isCancelled()) {
          wait(LONGEST_WAIT.toMillis());
          if (System.nanoTime() - waited > LONGEST_WAIT.toNanos()) {
            throw ErrorCode.TIMED_OUT.because(
                "the check ends: its findings were not read for "
                    + LONGEST_WAIT.toSeconds()
                    + " seconds");
          }
        }
      } catch (InterruptedException e) {
        throw ErrorCode.STOPPING.because("the master is stopping", e);
      }
      if (call.isCancelled()) {
        throw ErrorCode.INTERRUPTED.because("nobody waits for the check any longer");
      }
      call.onNext(page);
      if (page.getEnd()) {
        call.onCompleted();
      }
    }

    @Override
    public void failed(CairnException why) {
      if (!call.isCancelled()) {
        Calls.refuse(call, why);
      }
    }
  }
}
