package dev.cairn.client.command;

import dev.cairn.client.local.HostName;
import dev.cairn.client.vfs.Vfs.Caller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Who this process runs as, and with which umask. */
final class ThisProcess {

  private static final Path PROC = Path.of("/proc/self");
  private static final int USUAL_UMASK = 022;

  private ThisProcess() {}

  /** The user and group new files will belong to. */
  static Caller caller() throws IOException {
    Path own = Files.isDirectory(PROC) ? PROC : Path.of(System.getProperty("user.home"));
    return new Caller(
        (Integer) Files.getAttribute(own, "unix:uid"),
        (Integer) Files.getAttribute(own, "unix:gid"),
        (int) ProcessHandle.current().pid());
  }

  /** The user at this machine, by whom leases are told apart. */
  static String user() {
    return System.getProperty("user.name") + "@" + HostName.ofThisMachine();
  }

  static boolean isRoot() throws IOException {
    return caller().uid() == 0;
  }

  /** The umask as Linux shows it; the usual one elsewhere. */
  static int umask() throws IOException {
    Path status = PROC.resolve("status");
    if (!Files.isReadable(status)) {
      return USUAL_UMASK;
    }
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("Umask:"))
          .map(line -> Integer.parseInt(line.substring(6).strip(), 8))
          .findFirst()
          .orElse(USUAL_UMASK);
    }
  }
}
