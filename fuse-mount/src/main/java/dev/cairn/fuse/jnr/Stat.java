package dev.cairn.fuse.jnr;

import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.Timespec;

/**
 * Fills {@code struct stat}, whose layout on every system is jnr-fuse's FileStat. That makes thirty
 * objects when it is made, so each thread keeps one.
 */
final class Stat {

  /** What programs should read and write at a time: the longest request that libfuse 2 knows. */
  static final int BLOCK_BYTES = 128 << 10;

  private static final int SECTOR_BYTES = 512;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private static final Runtime RUNTIME = Runtime.getSystemRuntime();
  private static final ThreadLocal<FileStat> FIELDS =
      ThreadLocal.withInitial(() -> new FileStat(RUNTIME));

  private Stat() {}

  /** How many bytes a {@code struct stat} has. */
  static int size() {
    return jnr.ffi.Struct.size(FIELDS.get());
  }

  /** Writes all attributes, with that many links more than they say. */
  static void write(long address, Attributes attributes, int moreLinks) {
    FileStat stat = at(address);
    stat.st_ino.set(attributes.getInode());
    stat.st_mode.set(type(attributes.getType()) | attributes.getPermissions());
    stat.st_nlink.set(attributes.getLinks() + moreLinks);
    stat.st_uid.set(attributes.getUid());
    stat.st_gid.set(attributes.getGid());
    stat.st_rdev.set(attributes.getDevice());
    stat.st_size.set(attributes.getSize());
    stat.st_blksize.set(BLOCK_BYTES);
    stat.st_blocks.set((attributes.getAllocated() + SECTOR_BYTES - 1) / SECTOR_BYTES);
    time(stat.st_atim, attributes.getAtime());
    time(stat.st_mtim, attributes.getMtime());
    time(stat.st_ctim, attributes.getCtime());
  }

  /** Writes what a directory's entry says of a file: its number and its type. */
  static void writeEntry(long address, long inode, FileType type) {
    FileStat stat = at(address);
    stat.st_ino.set(inode);
    stat.st_mode.set(type(type));
  }

  /** The bits of st_mode that say what kind of file it is. */
  static int type(FileType type) {
    return switch (type) {
      case DIRECTORY -> FileStat.S_IFDIR;
      case SYMLINK -> FileStat.S_IFLNK;
      case FIFO -> FileStat.S_IFIFO;
      case SOCKET -> FileStat.S_IFSOCK;
      case CHARACTER_DEVICE -> FileStat.S_IFCHR;
      case BLOCK_DEVICE -> FileStat.S_IFBLK;
      case REGULAR, FILE_TYPE_UNSPECIFIED, UNRECOGNIZED -> FileStat.S_IFREG;
    };
  }

  /** The type that the bits of a mode say. */
  static FileType type(int mode) {
    return switch (mode & FileStat.S_IFMT) {
      case FileStat.S_IFDIR -> FileType.DIRECTORY;
      case FileStat.S_IFLNK -> FileType.SYMLINK;
      case FileStat.S_IFIFO -> FileType.FIFO;
      case FileStat.S_IFSOCK -> FileType.SOCKET;
      case FileStat.S_IFCHR -> FileType.CHARACTER_DEVICE;
      case FileStat.S_IFBLK -> FileType.BLOCK_DEVICE;
      default -> FileType.REGULAR;
    };
  }

  private static FileStat at(long address) {
    FileStat stat = FIELDS.get();
    stat.useMemory(Pointer.wrap(RUNTIME, address));
    return stat;
  }

  private static void time(Timespec field, long nanos) {
    field.tv_sec.set(Math.floorDiv(nanos, NANOS_PER_SECOND));
    field.tv_nsec.set(Math.floorMod(nanos, NANOS_PER_SECOND));
  }
}
