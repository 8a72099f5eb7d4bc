package dev.cairn.fuse.kernel;

/**
 * The kernel's FUSE structures, from {@code <linux/fuse.h>} (protocol 7.31 and later; integers are
 * in the machine's byte order).
 *
 * <p>A nested class stands for the C structure of its name ({@code InHeader} for {@code struct
 * fuse_in_header}): {@code SIZEOF} is its size, every other constant the offset of the field of
 * that name. A test holds all of them against the C compiler.
 */
final class KernelLayout {

  private KernelLayout() {}

  static final class InHeader {
    static final int SIZEOF = 40;
    static final int LEN = 0;
    static final int OPCODE = 4;
    static final int UNIQUE = 8;
    static final int NODEID = 16;
    static final int UID = 24;
    static final int GID = 28;
    static final int PID = 32;

    private InHeader() {}
  }

  static final class OutHeader {
    static final int SIZEOF = 16;
    static final int LEN = 0;
    static final int ERROR = 4;
    static final int UNIQUE = 8;

    private OutHeader() {}
  }

  static final class Attr {
    static final int SIZEOF = 88;
    static final int INO = 0;
    static final int SIZE = 8;
    static final int BLOCKS = 16;
    static final int ATIME = 24;
    static final int MTIME = 32;
    static final int CTIME = 40;
    static final int ATIMENSEC = 48;
    static final int MTIMENSEC = 52;
    static final int CTIMENSEC = 56;
    static final int MODE = 60;
    static final int NLINK = 64;
    static final int UID = 68;
    static final int GID = 72;
    static final int RDEV = 76;
    static final int BLKSIZE = 80;
    static final int FLAGS = 84;

    private Attr() {}
  }

  static final class EntryOut {
    static final int SIZEOF = 128;
    static final int NODEID = 0;
    static final int GENERATION = 8;
    static final int ENTRY_VALID = 16;
    static final int ATTR_VALID = 24;
    static final int ENTRY_VALID_NSEC = 32;
    static final int ATTR_VALID_NSEC = 36;
    static final int ATTR = 40;

    private EntryOut() {}
  }

  static final class AttrOut {
    static final int SIZEOF = 104;
    static final int ATTR_VALID = 0;
    static final int ATTR_VALID_NSEC = 8;
    static final int DUMMY = 12;
    static final int ATTR = 16;

    private AttrOut() {}
  }

  static final class NotifyInvalInodeOut {
    static final int SIZEOF = 24;
    static final int INO = 0;
    static final int OFF = 8;
    static final int LEN = 16;

    private NotifyInvalInodeOut() {}
  }

  static final class InitIn {
    static final int SIZEOF = 64;
    static final int MAJOR = 0;
    static final int MINOR = 4;
    static final int MAX_READAHEAD = 8;
    static final int FLAGS = 12;
    static final int FLAGS2 = 16;

    private InitIn() {}
  }

  static final class InitOut {
    static final int SIZEOF = 64;
    static final int MAJOR = 0;
    static final int MINOR = 4;
    static final int MAX_READAHEAD = 8;
    static final int FLAGS = 12;
    static final int MAX_BACKGROUND = 16;
    static final int CONGESTION_THRESHOLD = 18;
    static final int MAX_WRITE = 20;
    static final int TIME_GRAN = 24;
    static final int MAX_PAGES = 28;
    static final int FLAGS2 = 32;

    private InitOut() {}
  }

  static final class SetattrIn {
    static final int SIZEOF = 88;
    static final int VALID = 0;
    static final int FH = 8;
    static final int SIZE = 16;
    static final int ATIME = 32;
    static final int MTIME = 40;
    static final int ATIMENSEC = 56;
    static final int MTIMENSEC = 60;
    static final int MODE = 68;
    static final int UID = 76;
    static final int GID = 80;

    private SetattrIn() {}
  }

  static final class MknodIn {
    static final int SIZEOF = 16;
    static final int MODE = 0;
    static final int RDEV = 4;

    private MknodIn() {}
  }

  static final class MkdirIn {
    static final int SIZEOF = 8;
    static final int MODE = 0;

    private MkdirIn() {}
  }

  static final class RenameIn {
    static final int SIZEOF = 8;
    static final int NEWDIR = 0;

    private RenameIn() {}
  }

  static final class Rename2In {
    static final int SIZEOF = 16;
    static final int NEWDIR = 0;
    static final int FLAGS = 8;

    private Rename2In() {}
  }

  static final class LinkIn {
    static final int SIZEOF = 8;
    static final int OLDNODEID = 0;

    private LinkIn() {}
  }

  static final class OpenIn {
    static final int SIZEOF = 8;
    static final int FLAGS = 0;
    static final int OPEN_FLAGS = 4;

    private OpenIn() {}
  }

  static final class CreateIn {
    static final int SIZEOF = 16;
    static final int FLAGS = 0;
    static final int MODE = 4;
    static final int OPEN_FLAGS = 12;

    private CreateIn() {}
  }

  static final class OpenOut {
    static final int SIZEOF = 16;
    static final int FH = 0;
    static final int OPEN_FLAGS = 8;
    static final int PADDING = 12;

    private OpenOut() {}
  }

  static final class ReleaseIn {
    static final int SIZEOF = 24;
    static final int FH = 0;

    private ReleaseIn() {}
  }

  static final class FlushIn {
    static final int SIZEOF = 24;
    static final int FH = 0;
    static final int LOCK_OWNER = 16;

    private FlushIn() {}
  }

  static final class LkIn {
    static final int SIZEOF = 48;
    static final int FH = 0;
    static final int OWNER = 8;
    static final int LK = 16;
    static final int LK_FLAGS = 40;

    private LkIn() {}
  }

  static final class LkOut {
    static final int SIZEOF = 24;
    static final int LK = 0;

    private LkOut() {}
  }

  static final class FileLock {
    static final int SIZEOF = 24;
    static final int START = 0;
    static final int END = 8;
    static final int TYPE = 16;
    static final int PID = 20;

    private FileLock() {}
  }

  static final class ReadIn {
    static final int SIZEOF = 40;
    static final int FH = 0;
    static final int OFFSET = 8;
    static final int SIZE = 16;

    private ReadIn() {}
  }

  static final class WriteIn {
    static final int SIZEOF = 40;
    static final int FH = 0;
    static final int OFFSET = 8;
    static final int SIZE = 16;
    static final int WRITE_FLAGS = 20;
    static final int FLAGS = 32;

    private WriteIn() {}
  }

  static final class WriteOut {
    static final int SIZEOF = 8;
    static final int SIZE = 0;
    static final int PADDING = 4;

    private WriteOut() {}
  }

  static final class Kstatfs {
    static final int SIZEOF = 80;
    static final int BLOCKS = 0;
    static final int BFREE = 8;
    static final int BAVAIL = 16;
    static final int FILES = 24;
    static final int FFREE = 32;
    static final int BSIZE = 40;
    static final int NAMELEN = 44;
    static final int FRSIZE = 48;

    private Kstatfs() {}
  }

  static final class FsyncIn {
    static final int SIZEOF = 16;
    static final int FH = 0;

    private FsyncIn() {}
  }

  static final class GetxattrIn {
    static final int SIZEOF = 8;
    static final int SIZE = 0;

    private GetxattrIn() {}
  }

  static final class GetxattrOut {
    static final int SIZEOF = 8;
    static final int SIZE = 0;
    static final int PADDING = 4;

    private GetxattrOut() {}
  }

  static final class InterruptIn {
    static final int SIZEOF = 8;
    static final int UNIQUE = 0;

    private InterruptIn() {}
  }

  static final class FallocateIn {
    static final int SIZEOF = 32;
    static final int FH = 0;
    static final int OFFSET = 8;
    static final int LENGTH = 16;
    static final int MODE = 24;

    private FallocateIn() {}
  }

  static final class CopyFileRangeIn {
    static final int SIZEOF = 56;
    static final int FH_IN = 0;
    static final int OFF_IN = 8;
    static final int NODEID_OUT = 16;
    static final int FH_OUT = 24;
    static final int OFF_OUT = 32;
    static final int LEN = 40;
    static final int FLAGS = 48;

    private CopyFileRangeIn() {}
  }

  static final class LseekIn {
    static final int SIZEOF = 24;
    static final int FH = 0;
    static final int OFFSET = 8;
    static final int WHENCE = 16;

    private LseekIn() {}
  }

  static final class LseekOut {
    static final int SIZEOF = 8;
    static final int OFFSET = 0;

    private LseekOut() {}
  }

  static final class Dirent {
    static final int SIZEOF = 24;
    static final int INO = 0;
    static final int OFF = 8;
    static final int NAMELEN = 16;
    static final int TYPE = 20;
    static final int NAME = 24;

    private Dirent() {}
  }

  static final class Direntplus {
    static final int SIZEOF = 152;
    static final int ENTRY_OUT = 0;
    static final int DIRENT = 128;

    private Direntplus() {}
  }
}
