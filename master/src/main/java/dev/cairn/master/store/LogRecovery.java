package dev.cairn.master.store;

import dev.cairn.rpc.DurableFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done to a log before RocksDB reads it. A torn end is cut off; a damaged log keeps the
 * tables from being opened, unless an operator accepts the loss: then the log is cut at the damage.
 * The files that are changed are kept as they were in {@code lost/}.
 */
final class LogRecovery {

  /** What an operator can do about a loss. */
  static final String REMEDY =
      "Restore the master's directory from a backup, or start the master once with"
          + " --accept-lost-log to go on without these changes; chunk servers then delete nothing"
          + " until 'cairn resume-deletions'";

  private static final Logger LOG = LoggerFactory.getLogger(LogRecovery.class);
  private static final String ASIDE = "lost";
  private static final String PROBE = "x".repeat(64 << 10);

  /** For the files that RocksDB makes when it opens. */
  private static final long ROOM_BYTES = 2L << 20;

  private static final String ACCEPTED = "ACCEPTED";

  private final Path directory;
  private final Path libraries;

  /** Whether RocksDB says that a log file is missing, or shorter, than its manifest tells. */
  static boolean isMissingFile(String message) {
    return message.contains("Missing WAL") || message.contains("Size mismatch: WAL");
  }

  /**
   * Makes one that has changed nothing yet; the native library must be loaded before anything is.
   *
   * @param libraries where that lies, which is a directory without log files
   */
  LogRecovery(Path directory, Path libraries) {
    this.directory = directory;
    this.libraries = libraries;
  }

  /**
   * Makes the log one that can be read whole.
   *
   * @throws IOException if it is damaged and the loss is not accepted, with a sentence for people
   */
  void prepare(boolean acceptLoss) throws IOException {
    List<LogScan> scans = scans();
    LogVerdict verdict = verdict(scans);
    while (verdict.kind() != LogVerdict.Kind.SOUND) {
      List<LogScan> later = List.of();
      if (verdict.kind() == LogVerdict.Kind.DAMAGED) {
        if (!acceptLoss) {
          throw new IOException(verdict.sentence() + ". " + REMEDY + ".");
        }
        accept(verdict.sentence());
        later = scans.subList(scans.indexOf(verdict.at()) + 1, scans.size());
        keep(verdict.at());
      } else {
        LOG.warn("{}", verdict.sentence());
      }
      putAside(later);
      cut(verdict.at());
      scans = scans();
      verdict = verdict(scans);
    }
  }

  /** Asks the manifest only when the files alone do not tell that the log is sound. */
  private LogVerdict verdict(List<LogScan> scans) throws IOException {
    SyncMark.Said synced = SyncMark.read(directory);
    LogVerdict verdict = LogVerdict.of(scans, synced, Flushed.NOTHING);
    return verdict.kind() == LogVerdict.Kind.SOUND
        ? verdict
        : LogVerdict.of(scans, synced, Flushed.read(directory, libraries));
  }

  private List<LogScan> scans() throws IOException {
    List<LogScan> scans = new ArrayList<>();
    for (LogFile file : LogFile.in(directory)) {
      scans.add(LogScan.of(file));
    }
    return scans;
  }

  /**
   * Whether the disk takes as much as it takes to read the log again, and to go on.
   *
   * @param moreBytes for something else
   */
  boolean hasRoom(long moreBytes) {
    Path probe = directory.resolve("probe");
    try {
      long wanted = ROOM_BYTES + moreBytes;
      for (LogFile file : LogFile.in(directory)) {
        // Rows take less than half of that in tables.
        wanted += Files.size(file.path()) / 2;
      }
      // Not by way of a FileStore, which wants to find the mount point.
      if (directory.toFile().getUsableSpace() < wanted) {
        return false;
      }
      DurableFile.write(probe, PROBE);
      Files.delete(probe);
      return true;
    } catch (IOException e) {
      LOG.debug("the disk takes nothing yet", e);
      return false;
    }
  }

  /** Remembers that a loss was accepted, until the state says so. */
  void accept(String loss) throws IOException {
    LOG.warn("{}: the loss is accepted, and the files are kept in {}", loss, aside());
    DurableFile.write(aside().resolve(ACCEPTED), loss + "\n");
  }

  /** The loss that was accepted and is not part of the state yet; empty when there is none. */
  String accepted() throws IOException {
    Path accepted = aside().resolve(ACCEPTED);
    return Files.exists(accepted) ? Files.readString(accepted).strip() : "";
  }

  void forgetAccepted() throws IOException {
    Files.deleteIfExists(aside().resolve(ACCEPTED));
  }

  private Path aside() {
    return directory.resolve(ASIDE);
  }

  /** Copies a file that is about to be cut; a second attempt keeps the copy of the first. */
  private void keep(LogScan scan) throws IOException {
    DurableFile.createDirectories(aside());
    Path kept = aside().resolve(scan.file().name());
    if (!Files.exists(kept)) {
      Path copy = aside().resolve(scan.file().name() + DurableFile.FRESH_SUFFIX);
      Files.copy(scan.file().path(), copy, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(copy, kept, StandardCopyOption.ATOMIC_MOVE);
      DurableFile.syncDirectory(aside());
    }
  }

  private void putAside(List<LogScan> later) throws IOException {
    for (LogScan other : later) {
      Files.move(
          other.file().path(),
          aside().resolve(other.file().name()),
          StandardCopyOption.REPLACE_EXISTING);
    }
    if (!later.isEmpty()) {
      DurableFile.syncDirectory(aside());
      DurableFile.syncDirectory(directory);
    }
  }

  private static void cut(LogScan scan) throws IOException {
    try (FileChannel channel = FileChannel.open(scan.file().path(), StandardOpenOption.WRITE)) {
      channel.truncate(scan.end());
      channel.force(true);
    }
  }
}
