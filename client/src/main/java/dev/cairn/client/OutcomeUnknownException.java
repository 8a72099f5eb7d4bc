package dev.cairn.client;

import dev.cairn.rpc.error.CairnException;
import java.io.IOException;

/**
 * A request was refused in the end, after it had been sent before and not been answered: it may
 * have been done. Who asks for it once more may be told the wrong thing, as that a name which he
 * removed is not there.
 */
public final class OutcomeUnknownException extends IOException {

  private static final long serialVersionUID = 1L;

  public OutcomeUnknownException(CairnException refusal) {
    super(refusal.getMessage(), refusal);
  }

  @Override
  public synchronized CairnException getCause() {
    return (CairnException) super.getCause();
  }
}
