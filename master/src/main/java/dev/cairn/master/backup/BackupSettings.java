package dev.cairn.master.backup;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Which backups a master makes by itself.
 *
 * @param directory where they are
 * @param every how far they are apart
 * @param keep how many there are at most
 */
public record BackupSettings(Path directory, Duration every, int keep) {

  private static final Duration LEAST_APART = Duration.ofSeconds(1);
  private static final Duration MOST_APART = Duration.ofDays(30);
  private static final int MOST_KEPT = 10_000;

  public BackupSettings {
    if (every.compareTo(LEAST_APART) < 0 || every.compareTo(MOST_APART) > 0) {
      throw new IllegalArgumentException("--backup-every is between 1s and 30d");
    }
    if (keep < 1 || keep > MOST_KEPT) {
      throw new IllegalArgumentException("--backup-keep is between 1 and " + MOST_KEPT);
    }
    directory = directory.toAbsolutePath().normalize();
  }
}
