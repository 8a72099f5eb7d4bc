package dev.cairn.client.transfer;

import dev.cairn.client.vfs.Vfs.AttributeChange;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Permissions and times of local files, as both directions of a transfer keep them. The owner is
 * whoever copies, so the set-id bits, which would then lend somebody else's rights, are left out.
 */
record LocalAttributes(FileType type, int permissions, long size, long atime, long mtime) {

  private static final int FORMAT = 0170000; // stat(2): st_mode

  static LocalAttributes of(Path path, LinkOption... options) throws IOException {
    Map<String, Object> facts =
        Files.readAttributes(path, "unix:mode,size,lastAccessTime,lastModifiedTime", options);
    int mode = (Integer) facts.get("mode");
    return new LocalAttributes(
        type(mode & FORMAT),
        kept(mode, type(mode & FORMAT)),
        (Long) facts.get("size"),
        ((FileTime) facts.get("lastAccessTime")).to(TimeUnit.NANOSECONDS),
        ((FileTime) facts.get("lastModifiedTime")).to(TimeUnit.NANOSECONDS));
  }

  private static FileType type(int format) {
    return switch (format) {
      case 0040000 -> FileType.DIRECTORY;
      case 0120000 -> FileType.SYMLINK;
      case 0100000 -> FileType.REGULAR;
      case 0010000 -> FileType.FIFO;
      case 0140000 -> FileType.SOCKET;
      case 0020000 -> FileType.CHARACTER_DEVICE;
      case 0060000 -> FileType.BLOCK_DEVICE;
      default -> FileType.FILE_TYPE_UNSPECIFIED;
    };
  }

  private static int kept(int mode, FileType type) {
    return mode & (type == FileType.DIRECTORY ? 01777 : 0777);
  }

  AttributeChange asChange() {
    return new AttributeChange(permissions, null, null, null, atime, mtime, false, false, false);
  }

  /** Gives a local file or directory the permissions and times. */
  static void set(Path path, Attributes attributes) throws IOException {
    Files.setAttribute(path, "unix:mode", kept(attributes.getPermissions(), attributes.getType()));
    Files.getFileAttributeView(path, BasicFileAttributeView.class)
        .setTimes(
            FileTime.from(attributes.getMtime(), TimeUnit.NANOSECONDS),
            FileTime.from(attributes.getAtime(), TimeUnit.NANOSECONDS),
            null);
  }
}
