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
  private final String leader;

  CairnException(ErrorCode code, String sentence, Throwable cause) {
    this(code, sentence, cause, false, "");
  }

  private CairnException(
      ErrorCode code, String sentence, Throwable cause, boolean mayBeDone, String leader) {
    super(sentence, cause);
    this.code = code;
    this.mayBeDone = mayBeDone;
    this.leader = leader;
  }

  /**
   * The refusal of a master that does not lead.
   *
   * @param leader the control address of the master that does, {@code HOST:PORT}; empty when none
   *     is known
   */
  public static CairnException notLeader(String leader) {
    String sentence =
        leader.isEmpty()
            ? "this master does not lead, and knows of none that does"
            : "this master does not lead: the one at " + leader + " does";
    return new CairnException(ErrorCode.NOT_LEADER, sentence, null, false, leader);
  }

  /** The control address of the master to ask instead; empty when it is not known. */
  public String leader() {
    return leader;
  }

  public ErrorCode code() {
    return code;
  }

  /** The same refusal of a request that had been sent before and not been answered. */
  public CairnException ofWhatMayBeDone() {
    return new CairnException(code, getMessage(), getCause(), true, leader);
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
