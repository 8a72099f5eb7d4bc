package dev.cairn.client.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this machine is called. */
public final class HostName {

  private static final Path LINUX = Path.of("/proc/sys/kernel/hostname");

  private HostName() {}

  /** As the kernel has it, or the environment; else {@code localhost}. */
  public static String ofThisMachine() {
    try {
      if (Files.isReadable(LINUX)) {
        return Files.readString(LINUX).strip();
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("cannot read " + LINUX, e);
    }
    return System.getenv().getOrDefault("HOSTNAME", "localhost");
  }
}
