package dev.cairn.fuse.kernel;

/**
 * The numbers of the kernel's FUSE protocol, from {@code <linux/fuse.h>}. Each nested class says
 * which prefix its C names share. A test holds all of them against the C compiler.
 */
final class KernelNumbers {

  private KernelNumbers() {}

  /** {@code FUSE_*}. */
  static final class Opcode {
    static final int LOOKUP = 1;
    static final int FORGET = 2;
    static final int GETATTR = 3;
    static final int SETATTR = 4;
    static final int READLINK = 5;
    static final int SYMLINK = 6;
    static final int MKNOD = 8;
    static final int MKDIR = 9;
    static final int UNLINK = 10;
    static final int RMDIR = 11;
    static final int RENAME = 12;
    static final int LINK = 13;
    static final int OPEN = 14;
    static final int READ = 15;
    static final int WRITE = 16;
    static final int STATFS = 17;
    static final int RELEASE = 18;
    static final int FSYNC = 20;
    static final int SETXATTR = 21;
    static final int GETXATTR = 22;
    static final int LISTXATTR = 23;
    static final int REMOVEXATTR = 24;
    static final int FLUSH = 25;
    static final int INIT = 26;
    static final int OPENDIR = 27;
    static final int READDIR = 28;
    static final int RELEASEDIR = 29;
    static final int FSYNCDIR = 30;
    static final int GETLK = 31;
    static final int SETLK = 32;
    static final int SETLKW = 33;
    static final int CREATE = 35;
    static final int INTERRUPT = 36;
    static final int DESTROY = 38;
    static final int BATCH_FORGET = 42;
    static final int FALLOCATE = 43;
    static final int READDIRPLUS = 44;
    static final int RENAME2 = 45;
    static final int LSEEK = 46;
    static final int COPY_FILE_RANGE = 47;
    static final int TMPFILE = 51;

    private Opcode() {}
  }

  /** {@code FUSE_*}. */
  static final class InitFlag {
    static final int ASYNC_READ = 1 << 0;
    static final int POSIX_LOCKS = 1 << 1;
    static final int ATOMIC_O_TRUNC = 1 << 3;
    static final int EXPORT_SUPPORT = 1 << 4;
    static final int BIG_WRITES = 1 << 5;
    static final int FLOCK_LOCKS = 1 << 10;
    static final int DO_READDIRPLUS = 1 << 13;
    static final int ASYNC_DIO = 1 << 15;
    static final int PARALLEL_DIROPS = 1 << 18;
    static final int MAX_PAGES = 1 << 22;
    static final int HANDLE_KILLPRIV_V2 = 1 << 28;
    static final int INIT_EXT = 1 << 30;

    private InitFlag() {}
  }

  /** {@code FATTR_*}. */
  static final class SetattrField {
    static final int MODE = 1 << 0;
    static final int UID = 1 << 1;
    static final int GID = 1 << 2;
    static final int SIZE = 1 << 3;
    static final int FH = 1 << 6;
    static final int ATIME = 1 << 4;
    static final int MTIME = 1 << 5;
    static final int ATIME_NOW = 1 << 7;
    static final int MTIME_NOW = 1 << 8;
    static final int KILL_SUIDGID = 1 << 11;

    private SetattrField() {}
  }

  /** {@code FOPEN_*}. */
  static final class OpenReply {
    static final int DIRECT_IO = 1 << 0;
    static final int KEEP_CACHE = 1 << 1;
    static final int NOFLUSH = 1 << 5;

    private OpenReply() {}
  }

  /** {@code FUSE_OPEN_*}. */
  static final class OpenFlag {
    static final int KILL_SUIDGID = 1 << 0;

    private OpenFlag() {}
  }

  /** {@code FUSE_WRITE_*}. */
  static final class WriteFlag {
    static final int KILL_SUIDGID = 1 << 2;

    private WriteFlag() {}
  }

  /** {@code FUSE_LK_*}. */
  static final class LockFlag {
    static final int FLOCK = 1 << 0;

    private LockFlag() {}
  }
}
