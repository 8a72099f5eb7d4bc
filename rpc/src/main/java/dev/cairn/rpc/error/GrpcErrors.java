package dev.cairn.rpc.error;

import dev.cairn.rpc.ShownText;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Takes a {@link CairnException} through gRPC: its code in a trailer, its sentence as description.
 */
public final class GrpcErrors {

  private static final Metadata.Key<String> CODE =
      Metadata.Key.of("cairn-error", Metadata.ASCII_STRING_MARSHALLER);

  private static final Metadata.Key<String> LEADER =
      Metadata.Key.of("cairn-leader", Metadata.ASCII_STRING_MARSHALLER);

  private static final Metadata.Key<String> MAY_BE_DONE =
      Metadata.Key.of("cairn-may-be-done", Metadata.ASCII_STRING_MARSHALLER);

  /** A sentence goes in a header, of which gRPC takes a few thousand bytes. */
  private static final int MOST_CHARACTERS = 1000;

  private static final String MASTER = "the master at ";

  /** What Netty puts before the system's words, like {@code finishConnect(..) failed: }. */
  private static final Pattern OF_A_SYSTEM_CALL =
      Pattern.compile("^\\w+\\(\\.\\.\\) failed(?: with error\\(-?\\d+\\))?: ");

  private GrpcErrors() {}

  /** What a service hands to {@code onError}. */
  public static StatusException toStatus(CairnException error) {
    return new Refusal(
        Status.fromCode(error.code().status())
            .withDescription(ShownText.of(error.getMessage(), MOST_CHARACTERS)),
        error.code() == ErrorCode.NOT_LEADER
            ? notLeaderTrailers(error.leader(), error.mayBeDone())
            : trailers(error.code().number()));
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

  /** The trailers of a call to a master that does not lead; as {@link CairnException#notLeader}. */
  public static Metadata notLeaderTrailers(String leader, boolean mayBeDone) {
    Metadata trailers = trailers(ErrorCode.NOT_LEADER.number());
    if (!leader.isEmpty()) {
      trailers.put(LEADER, leader);
    }
    if (mayBeDone) {
      trailers.put(MAY_BE_DONE, "yes");
    }
    return trailers;
  }

  /** The address of the leading master that a refusal names; empty where it names none. */
  public static String leader(Metadata trailers) {
    String leader = trailers == null ? null : trailers.get(LEADER);
    return leader == null ? "" : leader;
  }

  /** Whether a master that lost the leadership may have done what it refuses. */
  public static boolean mayBeDone(Metadata trailers) {
    return trailers != null && trailers.containsKey(MAY_BE_DONE);
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

  /** Whether the error comes from a host whose address nobody knows. */
  public static boolean isUnknownHost(CairnException error) {
    return isCausedBy(error, UnknownHostException.class);
  }

  /** Whether what failed so was never sent: there was no connection. */
  public static boolean isUnsent(CairnException error) {
    return error.code() == ErrorCode.UNREACHABLE
        && (isUnknownHost(error) || isCausedBy(error, ConnectException.class));
  }

  private static boolean isCausedBy(Throwable error, Class<? extends Throwable> kind) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (kind.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  /** Also as gRPC says it when what comes back is no HTTP/2, like a data port's frames. */
  private static boolean speaksAnotherProtocol(Status status, Throwable cause) {
    String description = status.getDescription();
    return isCausedBy(cause, OtherProtocolException.class)
        || (description != null && description.contains("http2 exception"));
  }

  private static CairnException otherProtocol(String peer, Throwable cause) {
    String server =
        peer.startsWith(MASTER) ? "the server at " + peer.substring(MASTER.length()) : peer;
    return ErrorCode.OTHER_PROTOCOL.because(
        server + " is not a Cairn master: check the address", cause);
  }

  private static CairnException unreachable(String peer, Status status, Throwable cause) {
    String reason = reason(peer, cause == null ? status.getCause() : cause);
    String otherwise = said(status.getDescription(), "");
    return ErrorCode.UNREACHABLE.because(
        peer
            + " cannot be reached"
            + (reason.isEmpty() && !otherwise.isEmpty() ? ": " + otherwise : reason),
        cause);
  }

  /** Why there is no connection, for the end of a sentence. */
  private static String reason(String peer, Throwable failure) {
    Throwable cause = failure;
    while (cause != null && cause.getCause() != null && !(cause instanceof UnknownHostException)) {
      cause = cause.getCause();
    }
    if (cause instanceof UnknownHostException) {
      return ": the host" + hostOf(peer) + " is not known, check the address";
    }
    if (cause instanceof SocketTimeoutException) {
      return ": it does not answer";
    }
    if (!(cause instanceof IOException) || cause.getMessage() == null) {
      return "";
    }
    String words = systemWords(cause);
    return words.isEmpty() ? "" : ": " + words;
  }

  /** The system's words in a failure of a socket, for the end of a sentence. */
  public static String systemWords(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String words = said(cause.getMessage(), cause.getClass().getSimpleName());
    return said(OF_A_SYSTEM_CALL.matcher(words).replaceFirst(""), words);
  }

  /** The first line of a library's words, for the end of a sentence. */
  private static String said(String words, String otherwise) {
    String first = words == null ? "" : words.lines().findFirst().orElse("");
    return first.isEmpty()
        ? otherwise
        : first.substring(0, 1).toLowerCase(Locale.ROOT) + first.substring(1);
  }

  private static String hostOf(String peer) {
    int at = peer.lastIndexOf(' ');
    int colon = peer.lastIndexOf(':');
    return colon > at ? " '" + peer.substring(at + 1, colon) + "'" : "";
  }

  /**
   * What a caller makes of a call that ended with a status other than OK; as {@link
   * #fromThrowable}.
   */
  public static CairnException fromStatus(
      Status status, Metadata trailers, String peer, Throwable cause) {
    int number = number(trailers);
    if (number == ErrorCode.NOT_LEADER.number()) {
      CairnException refusal = CairnException.notLeader(leader(trailers));
      return mayBeDone(trailers) ? refusal.ofWhatMayBeDone() : refusal;
    }
    if (number != 0) {
      return ErrorCode.ofNumber(number).because(status.getDescription());
    }
    if (speaksAnotherProtocol(status, cause)) {
      return otherProtocol(peer, cause);
    }
    return switch (status.getCode()) {
      // Our ends say what is wrong in the trailers: without them a connection broke half-way.
      case INTERNAL, UNKNOWN ->
          ErrorCode.UNREACHABLE.because(
              peer + " broke off: " + said(status.getDescription(), "no reason was given"), cause);
      case UNAVAILABLE -> unreachable(peer, status, cause);
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
