package dev.cairn.client;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What failed futures failed with. */
public final class Failures {

  private Failures() {}

  /** The error behind the wrappings of futures; what is not ours becomes {@code IO}. */
  public static CairnException of(Throwable error) {
    Throwable cause = error;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof CairnException known) {
      return known;
    }
    if (cause instanceof CancellationException) {
      return ErrorCode.INTERRUPTED.because("the operation was given up");
    }
    return ErrorCode.IO.because("unexpected: " + cause, cause);
  }

  /** Completes a future as another one, and cancels that one when it is cancelled itself. */
  public static <T> void forward(CompletableFuture<T> from, CompletableFuture<T> to) {
    from.whenComplete(
        (value, failure) -> {
          if (failure == null) {
            to.complete(value);
          } else {
            to.completeExceptionally(failure);
          }
        });
    to.whenComplete(
        (value, failure) -> {
          if (to.isCancelled()) {
            from.cancel(true);
          }
        });
  }

  /** Waits for a future, for callers with a thread to spare; cancels it when interrupted. */
  public static <T> T await(CompletableFuture<T> future) throws CairnException {
    try {
      return future.get();
    } catch (InterruptedException e) {
      future.cancel(true);
      Thread.currentThread().interrupt();
      throw ErrorCode.INTERRUPTED.because("the operation was interrupted", e);
    } catch (ExecutionException | CancellationException e) {
      throw of(e);
    }
  }
}
