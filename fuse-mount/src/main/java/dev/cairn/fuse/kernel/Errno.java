package dev.cairn.fuse.kernel;

import jnr.ffi.Runtime;

/** Linux error numbers ({@code asm-generic/errno*.h}) this binding tells apart or replies with. */
final class Errno {

  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int EIO = 5;
  static final int EAGAIN = 11;
  static final int ENOMEM = 12;
  static final int EACCES = 13;
  static final int EBUSY = 16;
  static final int ENODEV = 19;
  static final int EINVAL = 22;
  static final int ENOSYS = 38;
  static final int EOPNOTSUPP = 95;
  static final int ECONNABORTED = 103;
  static final int ENOTCONN = 107;

  private Errno() {}

  /** The error of this thread's last call into the C library. */
  static int last() {
    return Runtime.getSystemRuntime().getLastError();
  }

  /** How the error is named in messages. */
  static String name(int errno) {
    return switch (errno) {
      case EPERM -> "operation not permitted";
      case ENOENT -> "no such file or directory";
      case ENOMEM -> "out of memory";
      case EACCES -> "permission denied";
      case EBUSY -> "busy";
      case ENODEV -> "no such device";
      case EINVAL -> "invalid argument";
      case ENOTCONN -> "not connected";
      default -> "error " + errno;
    };
  }
}
