package dev.cairn.fuse.jnr;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Waits for answers on the threads of callbacks: libfuse 2's high-level interface answers a request
 * when its callback returns, and not otherwise.
 *
 * <p>How long an answer may take is the filesystem's to bound. Before that, a wait ends when the
 * process that asked is being killed. libfuse is asked about that now and then: its own remedy, the
 * {@code intr} option, sends signals to threads, which a Java virtual machine does not notice.
 * Other signals end no wait but that for a lock, see {@link DyingProcess}.
 */
final class Answers {

  private static final long LOOK_MILLIS = 50;

  private final Runnable beforeBlocking;
  private final BooleanSupplier interrupted;

  /**
   * @param beforeBlocking is run before this thread waits
   * @param interrupted whether the process that asked was sent a signal
   */
  Answers(Runnable beforeBlocking, BooleanSupplier interrupted) {
    this.beforeBlocking = beforeBlocking;
    this.interrupted = interrupted;
  }

  /** Waits for the answer; when the wait is given up, the operation is cancelled. */
  <T> T await(CompletableFuture<T> answer) throws CairnException {
    return await(answer, () -> answer.cancel(true));
  }

  /**
   * Waits for something that nothing ends before its time, which is bounded: what it takes must not
   * be taken when nobody is there any more to give it back.
   */
  <T> T awaitInAnyCase(CompletableFuture<T> answer) throws CairnException {
    return await(answer, () -> {}, () -> {});
  }

  /** Waits for something that is opened; when the wait is given up, it is closed once it is. */
  <T> T awaitOpened(CompletableFuture<T> answer, Consumer<T> close) throws CairnException {
    return await(answer, () -> answer.thenAccept(close));
  }

  /**
   * Waits for something that any signal to the process ends: then {@code giveUp} is completed, upon
   * which the answer comes soon.
   */
  <T> T awaitUnlessSignalled(CompletableFuture<T> answer, CompletableFuture<?> giveUp)
      throws CairnException {
    return await(answer, () -> giveUp.complete(null), () -> giveUp.complete(null));
  }

  private <T> T await(CompletableFuture<T> answer, Runnable giveUp) throws CairnException {
    return await(answer, giveUp, () -> giveUpIfDying(giveUp));
  }

  private static void giveUpIfDying(Runnable giveUp) throws CairnException {
    if (DyingProcess.is(Request.current().pid())) {
      giveUp.run();
      throw ErrorCode.INTERRUPTED.because("the process that asked was killed");
    }
  }

  /** What to do when the process that asked was sent a signal; throws to end the wait. */
  private interface OnSignal {
    void run() throws CairnException;
  }

  private <T> T await(CompletableFuture<T> answer, Runnable giveUp, OnSignal onSignal)
      throws CairnException {
    try {
      if (!answer.isDone()) {
        beforeBlocking.run();
        return poll(answer, onSignal);
      }
      return answer.get();
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } catch (InterruptedException e) {
      giveUp.run();
      Thread.currentThread().interrupt();
      throw ErrorCode.INTERRUPTED.because("the mount is being shut down");
    }
  }

  private <T> T poll(CompletableFuture<T> answer, OnSignal onSignal)
      throws CairnException, ExecutionException, InterruptedException {
    while (true) {
      try {
        return answer.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (interrupted.getAsBoolean()) {
          onSignal.run();
        }
      }
    }
  }

  private static CairnException failure(Throwable cause) {
    if (cause instanceof CompletionException && cause.getCause() != null) {
      return failure(cause.getCause());
    }
    return cause instanceof CairnException own
        ? own
        : ErrorCode.IO.because("an operation failed unexpectedly: " + cause, cause);
  }
}
