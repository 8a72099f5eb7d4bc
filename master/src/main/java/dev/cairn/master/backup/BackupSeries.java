package dev.cairn.master.backup;

import dev.cairn.rpc.backup.BackupWriter;
import dev.cairn.rpc.backup.Manifest;
import dev.cairn.rpc.backup.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backups of one cluster in a directory: {@code backup-20261201T120000Z} and so on. What is in
 * the directory besides, and backups of other clusters, are left alone.
 */
final class BackupSeries {

  private static final Logger LOG = LoggerFactory.getLogger(BackupSeries.class);
  private static final Pattern NAME = Pattern.compile("backup-\\d{8}T\\d{6}Z");
  private static final DateTimeFormatter NAMED =
      DateTimeFormatter.ofPattern("'backup-'yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  /** A backup that is whole, as far as its manifest tells. */
  record Kept(Path path, long taken) {}

  private final Path directory;
  private final String clusterId;

  BackupSeries(Path directory, String clusterId) {
    this.directory = directory;
    this.clusterId = clusterId;
  }

  /** What a backup made at that time is called. */
  Path named(Instant taken) {
    return directory.resolve(NAMED.format(taken));
  }

  /** All there are, the oldest first. */
  List<Kept> list() throws IOException {
    List<Kept> kept = new ArrayList<>();
    for (Path path : entries("")) {
      manifest(path)
          .filter(manifest -> manifest.head().getClusterId().equals(clusterId))
          .ifPresent(manifest -> kept.add(new Kept(path, manifest.head().getTaken())));
    }
    kept.sort(Comparator.comparingLong(Kept::taken));
    return kept;
  }

  private static Optional<Manifest> manifest(Path backup) {
    try {
      return Manifest.find(backup);
    } catch (IOException e) {
      LOG.debug("{} does not count as a backup", backup, e);
      return Optional.empty();
    }
  }

  /** Entries that are named like a backup, with a suffix. */
  private List<Path> entries(String suffix) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.filter(entry -> isNamed(entry.getFileName().toString(), suffix)).toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  private static boolean isNamed(String name, String suffix) {
    return name.endsWith(suffix)
        && NAME.matcher(name.substring(0, name.length() - suffix.length())).matches();
  }

  /** Removes what was begun by processes that are gone. */
  void removeUnfinished() throws IOException {
    for (Path part : entries(BackupWriter.PART_SUFFIX)) {
      BackupWriter.removeUnfinished(part);
    }
  }

  /** Removes the oldest of those there are too many of, never the one just made. */
  void thin(int keep, Path justMade) throws IOException {
    for (Path surplus : surplus(list(), keep, justMade)) {
      // Not to be taken for a whole one while it goes.
      Path going = surplus.resolveSibling(surplus.getFileName() + BackupWriter.PART_SUFFIX);
      Files.move(surplus, going);
      Tree.remove(going);
    }
  }

  /**
   * Decides which backups are too many.
   *
   * @param kept the oldest first
   */
  static List<Path> surplus(List<Kept> kept, int keep, Path justMade) {
    return kept.stream()
        .map(Kept::path)
        .filter(path -> !path.equals(justMade))
        .limit(Math.max(0, kept.size() - keep))
        .toList();
  }
}
