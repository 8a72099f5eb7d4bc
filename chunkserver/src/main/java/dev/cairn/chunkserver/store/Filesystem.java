package dev.cairn.chunkserver.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Names the filesystem that a directory lies on, so that others can tell whether two directories
 * share one, also those of two servers on a machine.
 */
final class Filesystem {

  /** The same for all processes of a machine, in containers too, and of no other machine. */
  private static final Path MACHINE = Path.of("/proc/sys/kernel/random/boot_id");

  private Filesystem() {}

  /** The name; empty where the machine has none for itself. */
  static String of(Path directory) throws IOException {
    return Files.isReadable(MACHINE)
        ? Files.readString(MACHINE).strip() + ":" + Files.getAttribute(directory, "unix:dev")
        : "";
  }
}
