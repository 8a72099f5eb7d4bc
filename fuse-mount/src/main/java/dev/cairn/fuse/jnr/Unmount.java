package dev.cairn.fuse.jnr;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Takes a mount away: properly where nobody uses it, otherwise from the tree of directories at
 * once, its users being left with errors.
 *
 * <p>jnr-fuse starts {@code fusermount -u -z} and waits for nothing: a lazy unmount succeeds
 * always, and as long as anyone has a file open the filesystem goes on, unseen. libfuse's own
 * fuse_unmount does the same with umount2(2).
 */
final class Unmount {

  private static final int MNT_FORCE = 1;
  private static final int MNT_DETACH = 2;
  private static final int UMOUNT_NOFOLLOW = 8;
  private static final long COMMAND_SECONDS = 10;

  private final LibC libc;

  Unmount(LibC libc) {
    this.libc = libc;
  }

  /** Unmounts unless somebody uses it; answers whether that was done. */
  boolean of(Path mountPoint) throws InterruptedException {
    String path = mountPoint.toString();
    if (Libraries.DARWIN) {
      return runs(List.of("umount", path));
    }
    return libc.geteuid() == 0
        ? unmounts(path, UMOUNT_NOFOLLOW)
        : runs(List.of("fusermount", "-u", "--", path));
  }

  /** Unmounts whoever uses it. */
  void force(Path mountPoint) throws InterruptedException {
    String path = mountPoint.toString();
    if (Libraries.DARWIN) {
      runs(List.of("umount", "-f", path));
    } else if (libc.geteuid() == 0) {
      // Forcing aborts the connection, so that the threads that serve it end; detaching alone
      // would leave them serving whoever has a file open.
      unmounts(path, UMOUNT_NOFOLLOW | MNT_FORCE | MNT_DETACH);
    } else {
      runs(List.of("fusermount", "-u", "-z", "--", path));
    }
  }

  private boolean unmounts(String path, int flags) {
    try (NativeString name = new NativeString(path)) {
      return libc.umount2(name.address(), flags) == 0;
    }
  }

  private static boolean runs(List<String> command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      boolean ended = process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS);
      process.destroyForcibly();
      return ended && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
