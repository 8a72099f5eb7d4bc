package dev.cairn.client.leasefile;

/** Tells the numbers of this filesystem's own from those below. */
final class Numbers {

  /** The directory {@code .cairn}: there is no inode 0 below. */
  static final long CAIRN = 1L << 62;

  private Numbers() {}

  static boolean isOwn(long number) {
    return (number & CAIRN) != 0;
  }

  /** The lease of a file, or the directory in which those of a directory are. */
  static long own(long below) {
    return below | CAIRN;
  }

  /** Of what file or directory. */
  static long below(long own) {
    return own & ~CAIRN;
  }
}
