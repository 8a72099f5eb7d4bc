package dev.cairn.master.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files of a directory of tables, looked at while nobody has them open. */
public final class TableFiles {

  private static final String TABLE = ".sst";
  private static final String CURRENT = "CURRENT";
  private static final Pattern OURS =
      Pattern.compile(
          "CURRENT|IDENTITY|LOCK|LOG(\\.old\\..*)?|MANIFEST-\\d+|OPTIONS-\\d+|\\d+\\.(log|sst)|.*\\.dbtmp|"
              + SyncMark.NAME);

  private TableFiles() {}

  /** Whether there are tables, whole or damaged; without them a directory may be made anew. */
  public static boolean exist(Path directory) throws IOException {
    return Files.exists(directory.resolve(CURRENT));
  }

  /** Whether anything was ever written to the tables. */
  public static boolean holdChanges(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    for (LogFile log : LogFile.in(directory)) {
      LogScan scan = LogScan.of(log);
      if (scan.batches() > 0 || (scan.hole() != null && scan.hole().soundBytes() > 0)) {
        return true;
      }
    }
    return SyncMark.read(directory).sequence() > 0
        || ours(directory).stream().anyMatch(file -> file.toString().endsWith(TABLE));
  }

  /**
   * How many bytes of tables there are, without the log. The tables may be open: a compaction may
   * remove a file while this counts.
   */
  static long bytes(Path directory) throws IOException {
    long bytes = 0;
    for (Path file : ours(directory)) {
      if (file.toString().endsWith(TABLE)) {
        // 0 for a file that is gone by now.
        bytes += file.toFile().length();
      }
    }
    return bytes;
  }

  /** Removes the files of tables to which nothing was ever written. */
  public static void discardUnused(Path directory) throws IOException {
    if (Files.isDirectory(directory) && !holdChanges(directory)) {
      for (Path file : ours(directory)) {
        Files.delete(file);
      }
    }
  }

  private static List<Path> ours(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> OURS.matcher(file.getFileName().toString()).matches()).toList();
    }
  }
}
