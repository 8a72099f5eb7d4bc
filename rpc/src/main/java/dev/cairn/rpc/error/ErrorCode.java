package dev.cairn.rpc.error;

import io.grpc.Status;

/**
 * Everything that can go wrong on a wire or in a call, with its Linux errno (asm-generic/errno*.h),
 * its gRPC status and whether the same request may be sent again as it is. The numbers travel in
 * the data port's {@code Failure} and never change.
 */
public enum ErrorCode {
  NOT_PERMITTED(1, 1, Status.Code.PERMISSION_DENIED, Retry.NO),
  NO_ENTRY(2, 2, Status.Code.NOT_FOUND, Retry.NO),
  INTERRUPTED(3, 4, Status.Code.CANCELLED, Retry.NO),
  IO(4, 5, Status.Code.INTERNAL, Retry.NO),
  ACCESS_DENIED(5, 13, Status.Code.PERMISSION_DENIED, Retry.NO),
  BUSY(6, 16, Status.Code.FAILED_PRECONDITION, Retry.NO),
  EXISTS(7, 17, Status.Code.ALREADY_EXISTS, Retry.NO),
  NOT_DIRECTORY(8, 20, Status.Code.FAILED_PRECONDITION, Retry.NO),
  IS_DIRECTORY(9, 21, Status.Code.FAILED_PRECONDITION, Retry.NO),
  INVALID(10, 22, Status.Code.INVALID_ARGUMENT, Retry.NO),
  FILE_TOO_BIG(11, 27, Status.Code.OUT_OF_RANGE, Retry.NO),
  NO_SPACE(12, 28, Status.Code.RESOURCE_EXHAUSTED, Retry.NO),
  READ_ONLY(13, 30, Status.Code.FAILED_PRECONDITION, Retry.NO),
  TOO_MANY_LINKS(14, 31, Status.Code.RESOURCE_EXHAUSTED, Retry.NO),
  NAME_TOO_LONG(15, 36, Status.Code.INVALID_ARGUMENT, Retry.NO),
  NOT_SUPPORTED(16, 95, Status.Code.UNIMPLEMENTED, Retry.NO),
  NOT_IMPLEMENTED(17, 38, Status.Code.UNIMPLEMENTED, Retry.NO),
  NOT_EMPTY(18, 39, Status.Code.FAILED_PRECONDITION, Retry.NO),
  NO_ATTRIBUTE(19, 61, Status.Code.NOT_FOUND, Retry.NO),
  RANGE(20, 34, Status.Code.OUT_OF_RANGE, Retry.NO),
  TOO_BIG(21, 7, Status.Code.INVALID_ARGUMENT, Retry.NO),
  CROSS_DEVICE(22, 18, Status.Code.INVALID_ARGUMENT, Retry.NO),
  BAD_HANDLE(23, 9, Status.Code.INVALID_ARGUMENT, Retry.NO),
  NO_DATA_THERE(24, 6, Status.Code.OUT_OF_RANGE, Retry.NO),
  /** The inode is gone. */
  STALE(25, 116, Status.Code.NOT_FOUND, Retry.NO),
  /** The session is unknown, expired or of an older epoch: open a new one. */
  SESSION_EXPIRED(26, 5, Status.Code.UNAUTHENTICATED, Retry.NO),
  /** The other side can't be reached, or broke off: it may have done what was asked. */
  UNREACHABLE(27, 5, Status.Code.UNAVAILABLE, Retry.YES),
  TIMED_OUT(28, 110, Status.Code.DEADLINE_EXCEEDED, Retry.YES),
  /** There is no chunk server to write to. */
  NO_SERVERS(29, 5, Status.Code.UNAVAILABLE, Retry.LATER),
  /** No such chunk here, or it is shorter than what was asked for. */
  NO_CHUNK(30, 5, Status.Code.NOT_FOUND, Retry.NO),
  /** Bytes do not match their checksum. */
  CORRUPT(31, 5, Status.Code.DATA_LOSS, Retry.NO),
  /** What came over the wire is not of our protocol. */
  PROTOCOL(32, 71, Status.Code.INVALID_ARGUMENT, Retry.NO),
  /** An append somewhere else than at the chunk's end, or to a sealed chunk. */
  NOT_AT_END(33, 5, Status.Code.FAILED_PRECONDITION, Retry.NO),
  /** The server is stopping. */
  STOPPING(34, 5, Status.Code.UNAVAILABLE, Retry.YES),
  /** The server doesn't know this chunk server (any longer): it registers again. */
  UNREGISTERED(35, 5, Status.Code.FAILED_PRECONDITION, Retry.NO),
  /** The server has just started and waits for others it knows of: soon. */
  STARTING(36, 5, Status.Code.UNAVAILABLE, Retry.YES),
  /** Something answers at the address, but not in Cairn's protocol: it is another server. */
  OTHER_PROTOCOL(37, 71, Status.Code.UNAVAILABLE, Retry.NO),
  /** Somebody else has the lock. */
  LOCKED(40, 11, Status.Code.FAILED_PRECONDITION, Retry.NO),
  /** Waiting for the lock would never end. */
  DEADLOCK(41, 35, Status.Code.FAILED_PRECONDITION, Retry.NO),
  /** The file has as many locks as there may be. */
  NO_LOCKS(42, 37, Status.Code.RESOURCE_EXHAUSTED, Retry.NO),
  /** The lease under which the file was changed is over. */
  LEASE_LOST(43, 5, Status.Code.FAILED_PRECONDITION, Retry.NO),
  /** Another client has the file open for writing, or had a moment ago. */
  WRITTEN_ELSEWHERE(44, 16, Status.Code.FAILED_PRECONDITION, Retry.LATER),
  /** The client has as many files open as one may have (EMFILE). */
  TOO_MANY_OPEN(50, 24, Status.Code.RESOURCE_EXHAUSTED, Retry.NO),
  /** All clients together have as many files open as there may be (ENFILE). */
  TOO_MANY_OPEN_IN_ALL(51, 23, Status.Code.RESOURCE_EXHAUSTED, Retry.NO),
  /** There are as many sessions as there may be, and each of them holds something (EUSERS). */
  TOO_MANY_SESSIONS(52, 87, Status.Code.RESOURCE_EXHAUSTED, Retry.LATER),
  /** The server has as much to do as it takes on: it did nothing of this request. */
  OVERLOADED(53, 5, Status.Code.UNAVAILABLE, Retry.YES),
  /** One request would change more extents than one may: ask for a part at a time. */
  TOO_MANY_EXTENTS(54, 5, Status.Code.RESOURCE_EXHAUSTED, Retry.NO),
  /** This process has no memory left for the request; others go on. */
  NO_MEMORY(55, 12, Status.Code.RESOURCE_EXHAUSTED, Retry.NO),
  /**
   * The server belongs to another cluster than the one it is asked for: the right one may return.
   */
  OTHER_CLUSTER(60, 5, Status.Code.FAILED_PRECONDITION, Retry.YES),
  /** Another process is this chunk server, as far as the master knows. */
  IDENTITY_IN_USE(61, 5, Status.Code.FAILED_PRECONDITION, Retry.LATER),
  /**
   * Another one of several masters leads, and is to be asked. Made by {@link
   * CairnException#notLeader}.
   */
  NOT_LEADER(62, 5, Status.Code.UNAVAILABLE, Retry.YES);

  /** Whether the same request may be sent again. */
  public enum Retry {
    /** It would fail again. */
    NO,
    /** At once, or to another server. */
    YES,
    /** After a pause: what is missing may come. */
    LATER
  }

  private static final ErrorCode[] BY_NUMBER = new ErrorCode[64];

  static {
    for (ErrorCode code : values()) {
      BY_NUMBER[code.number] = code;
    }
  }

  private final int number;
  private final int errno;
  private final Status.Code status;
  private final Retry retry;

  ErrorCode(int number, int errno, Status.Code status, Retry retry) {
    this.number = number;
    this.errno = errno;
    this.status = status;
    this.retry = retry;
  }

  public int number() {
    return number;
  }

  /** The positive Linux errno an application sees. */
  public int errno() {
    return errno;
  }

  public Status.Code status() {
    return status;
  }

  public Retry retry() {
    return retry;
  }

  /** The code of that number; {@link #IO} for one that a newer peer may know. */
  public static ErrorCode ofNumber(int number) {
    ErrorCode code = number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
    return code == null ? IO : code;
  }

  public CairnException because(String sentence) {
    return new CairnException(this, sentence, null);
  }

  public CairnException because(String sentence, Throwable cause) {
    return new CairnException(this, sentence, cause);
  }
}
