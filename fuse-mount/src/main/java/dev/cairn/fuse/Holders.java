package dev.cairn.fuse;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Who keeps a mount busy, as far as {@code /proc} shows it to the caller. */
final class Holders {

  private static final int MOST_NAMED = 5;

  private Holders() {}

  /** Processes with a working directory or an open file there: {@code bash (pid 42)}. */
  static List<String> of(Path mountPoint) throws IOException {
    Path self = Path.of("/proc", Long.toString(ProcessHandle.current().pid()));
    List<String> holders = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (holders.size() < MOST_NAMED && !process.equals(self) && holds(process, mountPoint)) {
          holders.add(name(process) + " (pid " + process.getFileName() + ")");
        }
      }
    }
    return holders;
  }

  private static boolean holds(Path process, Path mountPoint) {
    if (leadsInto(process.resolve("cwd"), mountPoint)) {
      return true;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path file : files) {
        if (leadsInto(file, mountPoint)) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      return false; // somebody else's process, or one that has just ended
    }
  }

  private static boolean leadsInto(Path link, Path mountPoint) {
    try {
      return Files.readSymbolicLink(link).startsWith(mountPoint);
    } catch (IOException e) {
      return false;
    }
  }

  private static String name(Path process) throws IOException {
    Path name = process.resolve("comm");
    return Files.isReadable(name) ? Files.readString(name).strip() : "a process";
  }
}
