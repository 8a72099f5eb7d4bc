package dev.cairn.master.store;

import java.io.IOException;

/**
 * A store could not keep a change, and takes no more until it works again. What it said it keeps is
 * still there, and can be read.
 */
public final class StoreFailedException extends IOException {

  private static final long serialVersionUID = 1L;

  private final boolean full;

  public StoreFailedException(String message, boolean full, Throwable cause) {
    super(message, cause);
    this.full = full;
  }

  /** Whether there was no room. */
  public boolean isFull() {
    return full;
  }
}
