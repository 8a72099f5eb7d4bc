package dev.cairn.fuse.jnr;

import dev.cairn.rpc.error.ErrorCode;

/** Error numbers as the callbacks answer them: negated, and of the system that runs. */
final class Errno {

  private static final int ENOTCONN_LINUX = 107;
  private static final int ENOTCONN_DARWIN = 57;

  /** What an access of a macFUSE mount fails with whose process is gone. */
  private static final int ENXIO_DARWIN = 6;

  private Errno() {}

  /** Whether an access failed because the process that serves the mount is gone. */
  static boolean isNotConnected(int errno) {
    return Libraries.DARWIN
        ? errno == ENOTCONN_DARWIN || errno == ENXIO_DARWIN
        : errno == ENOTCONN_LINUX;
  }

  static int negated(ErrorCode code) {
    return -(Libraries.DARWIN ? darwin(code.errno()) : code.errno());
  }

  /** The number that macOS has for a Linux errno: sys/errno.h; up to 34 all but 11 are alike. */
  static int darwin(int linux) {
    return switch (linux) {
      case 11 -> 35; // EAGAIN
      case 35 -> 11; // EDEADLK
      case 36 -> 63; // ENAMETOOLONG
      case 37 -> 77; // ENOLCK
      case 38 -> 78; // ENOSYS
      case 39 -> 66; // ENOTEMPTY
      case 61 -> 93; // ENODATA: what extended attributes miss is ENOATTR there
      case 71 -> 100; // EPROTO
      case 87 -> 68; // EUSERS
      case 95 -> 102; // EOPNOTSUPP
      case 110 -> 60; // ETIMEDOUT
      case 116 -> 70; // ESTALE
      default -> linux;
    };
  }
}
