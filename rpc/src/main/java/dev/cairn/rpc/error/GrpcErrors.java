package dev.cairn.rpc.error;

import dev.cairn.rpc.ShownText;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;

/**
 * Takes a {@link CairnException} through gRPC: its code in a trailer, its sentence as description.
 */
public final class GrpcErrors {

  private static final Metadata.Key<String> CODE =
      Metadata.Key.of("cairn-error", Metadata.ASCII_STRING_MARSHALLER);

  /** A sentence goes in a header, of which gRPC takes a few thousand bytes. */
  private static final int MOST_CHARACTERS = 1000;

  private GrpcErrors() {}

  /** What a service hands to {@code onError}. */
  public static StatusException toStatus(CairnException error) {
    return new Refusal(
        Status.fromCode(error.code().status())
            .withDescription(ShownText.of(error.getMessage(), MOST_CHARACTERS)),
        trailers(error.code().number()));
  }

  /** An everyday answer, for which the way to it is nothing to know. */
  private static final class Refusal extends StatusException {

    private static final long serialVersionUID = 1L;

    Refusal(Status status, Metadata trailers) {
      super(status, trailers);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }

  /** The trailers of a call that ended with an error of that number; 0: with one of gRPC's own. */
  public static Metadata trailers(int number) {
    Metadata trailers = new Metadata();
    if (number != 0) {
      trailers.put(CODE, Integer.toString(number));
    }
    return trailers;
  }

  /** The number of the error that a call ended with, or 0 for one of gRPC's own. */
  public static int number(Metadata trailers) {
    String number = trailers == null ? null : trailers.get(CODE);
    return number == null ? 0 : Integer.parseInt(number);
  }

  /**
   * What a caller makes of a failed call. A failure of gRPC's own becomes {@code UNREACHABLE},
   * {@code TIMED_OUT}, {@code INTERRUPTED} or {@code IO}.
   *
   * @param peer what was called, for the sentence: "the master at HOST:PORT"
   */
  public static CairnException fromThrowable(Throwable error, String peer) {
    if (error instanceof CairnException own) {
      return own;
    }
    if (error instanceof StatusRuntimeException call) {
      return fromStatus(call.getStatus(), call.getTrailers(), peer, error);
    }
    if (error instanceof StatusException call) {
      return fromStatus(call.getStatus(), call.getTrailers(), peer, error);
    }
    return ErrorCode.IO.because(peer + " was called in vain: " + error, error);
  }

  /** As gRPC says it when what comes back is no HTTP/2, like a data port's frames. */
  private static boolean speaksAnotherProtocol(Status status) {
    String description = status.getDescription();
    return description != null && description.startsWith("http2 exception");
  }

  /**
   * What a caller makes of a call that ended with a status other than OK; as {@link
   * #fromThrowable}.
   */
  public static CairnException fromStatus(
      Status status, Metadata trailers, String peer, Throwable cause) {
    int number = number(trailers);
    if (number != 0) {
      return ErrorCode.ofNumber(number).because(status.getDescription());
    }
    return switch (status.getCode()) {
      // Our ends say what is wrong in the trailers: without them a connection broke half-way.
      case INTERNAL, UNKNOWN ->
          ErrorCode.UNREACHABLE.because(
              speaksAnotherProtocol(status)
                  ? "what answers as " + peer + " is not one: is the address right?"
                  : peer + " broke off: " + status.getCode() + " " + status.getDescription(),
              cause);
      case UNAVAILABLE -> ErrorCode.UNREACHABLE.because(peer + " cannot be reached", cause);
      case DEADLINE_EXCEEDED ->
          ErrorCode.TIMED_OUT.because(peer + " did not answer in time", cause);
      case CANCELLED ->
          ErrorCode.INTERRUPTED.because("the call to " + peer + " was given up", cause);
      case UNIMPLEMENTED ->
          ErrorCode.NOT_IMPLEMENTED.because(peer + " does not know this request", cause);
      default ->
          ErrorCode.IO.because(
              peer + " failed: " + status.getCode() + " " + status.getDescription(), cause);
    };
  }
}
