package dev.cairn.fuse;

/** The names of Linux error numbers as labels of metrics: those that Cairn replies with. */
public final class Results {

  private Results() {}

  /** Like {@code enoent}. */
  public static String name(int errno) {
    return switch (errno) {
      case 1 -> "eperm";
      case 2 -> "enoent";
      case 4 -> "eintr";
      case 5 -> "eio";
      case 6 -> "enxio";
      case 7 -> "e2big";
      case 9 -> "ebadf";
      case 11 -> "eagain";
      case 12 -> "enomem";
      case 13 -> "eacces";
      case 16 -> "ebusy";
      case 17 -> "eexist";
      case 18 -> "exdev";
      case 20 -> "enotdir";
      case 21 -> "eisdir";
      case 22 -> "einval";
      case 23 -> "enfile";
      case 24 -> "emfile";
      case 27 -> "efbig";
      case 28 -> "enospc";
      case 30 -> "erofs";
      case 31 -> "emlink";
      case 34 -> "erange";
      case 35 -> "edeadlk";
      case 36 -> "enametoolong";
      case 37 -> "enolck";
      case 38 -> "enosys";
      case 39 -> "enotempty";
      case 61 -> "enodata";
      case 71 -> "eproto";
      case 87 -> "eusers";
      case 95 -> "eopnotsupp";
      case 110 -> "etimedout";
      case 116 -> "estale";
      case 122 -> "edquot";
      default -> "errno_" + errno;
    };
  }
}
