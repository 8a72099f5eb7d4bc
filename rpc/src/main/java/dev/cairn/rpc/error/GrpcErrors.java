package dev.cairn.rpc.error;

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

  private GrpcErrors() {}

  /** What a service hands to {@code onError}. */
  public static StatusException toStatus(CairnException error) {
    Metadata trailers = new Metadata();
    trailers.put(CODE, Integer.toString(error.code().number()));
    return Status.fromCode(error.code().status())
        .withDescription(error.getMessage())
        .asException(trailers);
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

  private static CairnException fromStatus(
      Status status, Metadata trailers, String peer, Throwable cause) {
    String number = trailers == null ? null : trailers.get(CODE);
    if (number != null) {
      return ErrorCode.ofNumber(Integer.parseInt(number)).because(status.getDescription());
    }
    return switch (status.getCode()) {
      // Our ends say what is wrong in the trailers: without them a connection broke half-way.
      case INTERNAL, UNKNOWN ->
          ErrorCode.UNREACHABLE.because(
              peer + " broke off: " + status.getCode() + " " + status.getDescription(), cause);
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
