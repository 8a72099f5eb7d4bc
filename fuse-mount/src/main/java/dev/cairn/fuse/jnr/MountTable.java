package dev.cairn.fuse.jnr;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** What is mounted: proc(5)'s mountinfo, or what mount(8) prints where that is not there. */
final class MountTable {

  private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");
  private static final int MOUNT_POINT_FIELD = 4;

  private MountTable() {}

  /** Whether a FUSE filesystem is what the path shows. */
  static boolean showsFuse(Path mountPoint) throws IOException {
    return Files.exists(MOUNTINFO)
        ? isLastOf(Files.readString(MOUNTINFO, StandardCharsets.ISO_8859_1), mountPoint)
        : printed().lines().anyMatch(line -> isPrinted(line, mountPoint));
  }

  /** Mounts are in the order of mounting: the last one at a path hides the others. */
  static boolean isLastOf(String mountinfo, Path mountPoint) {
    byte[] path = NativeString.bytes(mountPoint.toString());
    String wanted = escaped(new String(path, StandardCharsets.ISO_8859_1));
    boolean fuse = false;
    for (String line : mountinfo.split("\n", -1)) {
      String[] fields = line.split(" ", -1);
      if (fields.length > MOUNT_POINT_FIELD && fields[MOUNT_POINT_FIELD].equals(wanted)) {
        fuse = line.substring(line.indexOf(" - ") + 3).startsWith("fuse");
      }
    }
    return fuse;
  }

  private static String escaped(String path) {
    return path.replace("\\", "\\134")
        .replace(" ", "\\040")
        .replace("\t", "\\011")
        .replace("\n", "\\012");
  }

  private static boolean isPrinted(String line, Path mountPoint) {
    int at = line.indexOf(" on " + mountPoint + " (");
    return at >= 0 && line.substring(at).contains("fuse");
  }

  private static String printed() throws IOException {
    Process mount = new ProcessBuilder("mount").redirectErrorStream(true).start();
    try {
      String lines = new String(mount.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      mount.waitFor(1, TimeUnit.SECONDS);
      return lines;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    } finally {
      mount.destroyForcibly();
    }
  }
}
