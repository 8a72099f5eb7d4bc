package dev.cairn.master.service;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;

/**
 * A stream of pages that its reader sets the pace of: one that is not taken holds the thread up
 * that makes them, for some time. Then the stream ends: it would keep all others from what is done
 * for one at a time.
 */
final class PacedStream<P> {

  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  private final String what;
  private final ServerCallStreamObserver<P> call;

  /**
   * Makes the stream; for the thread that the call came on.
   *
   * @param what the pages are of, with an article
   */
  PacedStream(String what, ServerCallStreamObserver<P> call) {
    this.what = what;
    this.call = call;
    call.setOnCancelHandler(this::changed);
    call.setOnReadyHandler(this::changed);
  }

  private synchronized void changed() {
    notifyAll();
  }

  /**
   * Sends a page when there is room for it.
   *
   * @throws CairnException when the reader is gone, or too slow
   */
  synchronized void send(P page, boolean last) throws CairnException {
    try {
      long waited = System.nanoTime();
      while (!call.isReady() && !call.isCancelled()) {
        wait(LONGEST_WAIT.toMillis());
        if (System.nanoTime() - waited > LONGEST_WAIT.toNanos()) {
          throw ErrorCode.TIMED_OUT.because(
              what + " ends: nothing of it was read for " + LONGEST_WAIT.toSeconds() + " seconds");
        }
      }
    } catch (InterruptedException e) {
      throw ErrorCode.STOPPING.because("the master is stopping", e);
    }
    if (call.isCancelled()) {
      throw ErrorCode.INTERRUPTED.because("nobody waits for " + what + " any longer");
    }
    call.onNext(page);
    if (last) {
      call.onCompleted();
    }
  }

  /** Ends the stream early. */
  void failed(CairnException why) {
    if (!call.isCancelled()) {
      Calls.refuse(call, why);
    }
  }
}
