package dev.cairn.rpc.error;

import dev.cairn.rpc.proto.Failure;
import java.io.IOException;

/**
 * A request that was not granted, or a server that could not do it. The message is one sentence for
 * people that names what is wrong. Stack traces are kept only for the codes that hint at trouble,
 * since "no such file" is an everyday answer.
 */
public final class CairnException extends IOException {

  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final boolean mayBeDone;

  CairnException(ErrorCode code, String sentence, Throwable cause) {
    this(code, sentence, cause, false);
  }

  private CairnException(ErrorCode code, String sentence, Throwable cause, boolean mayBeDone) {
    super(sentence, cause);
    this.code = code;
    this.mayBeDone = mayBeDone;
  }

  public ErrorCode code() {
    return code;
  }

  /** The same refusal of a request that had been sent before and not been answered. */
  public CairnException ofWhatMayBeDone() {
    return new CairnException(code, getMessage(), getCause(), true);
  }

  /**
   * Whether what is refused now may have been done all the same, when it was asked for first and
   * the answer was lost.
   */
  public boolean mayBeDone() {
    return mayBeDone;
  }

  /** The same error as the data port carries it. */
  public Failure toFailure() {
    return Failure.newBuilder().setCode(code.number()).setMessage(getMessage()).build();
  }

  public static CairnException of(Failure failure) {
    return ErrorCode.ofNumber(failure.getCode()).because(failure.getMessage());
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    // Called by the constructor of Throwable, before the code is set: the decision is by type
    // alone.
    return this;
  }
}
