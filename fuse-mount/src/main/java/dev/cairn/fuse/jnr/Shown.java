package dev.cairn.fuse.jnr;

import dev.cairn.client.local.MountTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Whether a mount point shows a filesystem of ours. */
final class Shown {

  private Shown() {}

  static boolean at(Path mountPoint) throws IOException {
    return Libraries.DARWIN
        ? isPrinted(printedByMount(), mountPoint)
        : MountTable.read().at(mountPoint).filter(MountTable.Entry::isCairn).isPresent();
  }

  /** A line of mount(8) on macOS: {@code SOURCE on PLACE (macfuse, nodev, ...)}. */
  static boolean isPrinted(String mounts, Path mountPoint) {
    String place = " on " + mountPoint + " (";
    return mounts.lines().anyMatch(line -> line.startsWith("cairn:") && line.contains(place));
  }

  private static String printedByMount() throws IOException {
    Process mount = new ProcessBuilder("mount").redirectErrorStream(true).start();
    try (var output = mount.getInputStream()) {
      return new String(output.readAllBytes(), StandardCharsets.UTF_8);
    } finally {
      mount.destroyForcibly();
    }
  }
}
