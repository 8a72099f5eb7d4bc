package dev.cairn.fuse.kernel;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.FileType;

/** The mode of an inode(7): four bits of type, twelve of permissions. */
final class FileMode {

  static final int PERMISSIONS = 07777;

  private static final int TYPE = 0170000;
  private static final int TYPE_SHIFT = 12;

  private FileMode() {}

  static int of(FileType type) {
    return switch (type) {
      case FIFO -> 0010000;
      case CHARACTER_DEVICE -> 0020000;
      case DIRECTORY -> 0040000;
      case BLOCK_DEVICE -> 0060000;
      case REGULAR -> 0100000;
      case SYMLINK -> 0120000;
      case SOCKET -> 0140000;
      case FILE_TYPE_UNSPECIFIED, UNRECOGNIZED -> 0;
    };
  }

  /** The type as a directory entry has it: DT_* of readdir(3). */
  static int directoryType(FileType type) {
    return of(type) >> TYPE_SHIFT;
  }

  /** The type of what mknod(2) makes. */
  static FileType type(int mode) throws CairnException {
    return switch (mode & TYPE) {
      case 0, 0100000 -> FileType.REGULAR;
      case 0010000 -> FileType.FIFO;
      case 0020000 -> FileType.CHARACTER_DEVICE;
      case 0060000 -> FileType.BLOCK_DEVICE;
      case 0140000 -> FileType.SOCKET;
      default -> throw ErrorCode.INVALID.because("mknod does not make mode " + mode);
    };
  }
}
