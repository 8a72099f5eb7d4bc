package dev.cairn.fuse;

import dev.cairn.client.local.MountTable;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Checks of the place where a filesystem is to be mounted, before anything is. */
final class MountPoint {

  private MountPoint() {}

  /**
   * The directory's absolute path without symlinks. One that is a mount of ours already is not
   * looked into: if it is dead, it cannot be, and the binding knows what to do about it.
   */
  static Path existing(Path given) throws IOException {
    Path place = nearestReal(given);
    if (MountTable.read().at(place).filter(MountTable.Entry::isCairn).isPresent()) {
      return place;
    }
    if (!Files.exists(place)) {
      throw ErrorCode.NO_ENTRY.because(
          "the mount point " + given + " does not exist: make the directory first");
    }
    if (!Files.isDirectory(place)) {
      throw ErrorCode.NOT_DIRECTORY.because("the mount point " + given + " is not a directory");
    }
    return place.toRealPath();
  }

  /** Refuses files that this process writes and that its own mount would hide, or wait for. */
  static void refuseInside(Path mountPoint, List<Path> files) throws CairnException {
    for (Path file : files) {
      if (nearestReal(file).startsWith(mountPoint)) {
        throw ErrorCode.INVALID.because(
            file + " lies under the mount point " + mountPoint + ": choose another place for it");
      }
    }
  }

  /** The path with the symlinks of its directories resolved, as far as they exist. */
  static Path nearestReal(Path given) {
    Path path = given.toAbsolutePath().normalize();
    Path parent = path.getParent();
    if (parent == null) {
      return path;
    }
    try {
      return parent.toRealPath().resolve(path.getFileName());
    } catch (IOException e) {
      return nearestReal(parent).resolve(path.getFileName());
    }
  }
}
