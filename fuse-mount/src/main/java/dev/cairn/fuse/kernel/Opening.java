package dev.cairn.fuse.kernel;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** An operation that opens something, whose caller may not live to see it opened. */
final class Opening {

  private Opening() {}

  /**
   * A future that can be cancelled without losing what the operation opens: that is then closed as
   * soon as it is open.
   */
  static <T> CompletableFuture<T> cancellable(CompletableFuture<T> opening, Consumer<T> close) {
    if (opening.isDone()) {
      return opening;
    }
    CompletableFuture<T> seen = new CompletableFuture<>();
    var unused =
        opening.whenComplete(
            (value, error) -> {
              if (error != null) {
                seen.completeExceptionally(error);
              } else if (!seen.complete(value)) {
                close.accept(value);
              }
            });
    return seen;
  }
}
