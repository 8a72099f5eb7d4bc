package dev.cairn.master.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A file of RocksDB's log.
 *
 * @param number what it is named for: {@code 000012.log} is number 12; later files have larger ones
 */
record LogFile(Path path, long number) {

  private static final String SUFFIX = ".log";

  /** The log files of a directory of tables, the oldest first. */
  static List<LogFile> in(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().matches("\\d+\\.log"))
          .map(file -> new LogFile(file, numberOf(file)))
          .sorted(Comparator.comparingLong(LogFile::number))
          .toList();
    }
  }

  private static long numberOf(Path file) {
    String name = file.getFileName().toString();
    return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
  }

  /** The name without its directory, for people. */
  String name() {
    return path.getFileName().toString();
  }
}
