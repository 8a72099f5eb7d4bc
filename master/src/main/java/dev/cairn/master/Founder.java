package dev.cairn.master;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whoever founds a cluster, to whom its root directory belongs. */
public record Founder(int uid, int gid) {

  public static final Founder ROOT = new Founder(0, 0);

  private static final Path LINUX = Path.of("/proc/self");

  /**
   * The user and group this process runs as.
   *
   * @param own a file this process has made, which tells it where there is no {@code /proc}
   */
  static Founder ofThisProcess(Path own) throws IOException {
    Path file = Files.isDirectory(LINUX) ? LINUX : own;
    return new Founder(
        (Integer) Files.getAttribute(file, "unix:uid"),
        (Integer) Files.getAttribute(file, "unix:gid"));
  }
}
