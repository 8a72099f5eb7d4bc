package dev.cairn.client.path;

import dev.cairn.client.Failures;
import dev.cairn.rpc.error.CairnException;
import java.util.concurrent.CompletableFuture;

/** Waits for the filesystem's answers; each of them comes within the deadlines of its requests. */
public final class Answers {

  private Answers() {}

  /** The value of the future, or the error it failed with. */
  public static <T> T of(CompletableFuture<T> future) throws CairnException {
    return Failures.await(future);
  }

  /** The same, with an error that names the path. */
  public static <T> T of(CompletableFuture<T> future, String path) throws CairnException {
    try {
      return of(future);
    } catch (CairnException e) {
      throw PathErrors.at(path, e);
    }
  }

  /**
   * Waits until the operation is over, however it ended and also on a thread that is interrupted:
   * for what must be tidied up.
   */
  public static void awaitEnd(CompletableFuture<?> future) {
    future.handle((value, error) -> error).join();
  }
}
