package dev.cairn.chunkserver.store;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;

/**
 * What a store is opened with.
 *
 * @param directories one per disk
 * @param reserveBytes to leave free on each disk, or {@link #DEFAULT_RESERVE}
 * @param idleFiles chunks whose files stay open without being used, at two descriptors each
 * @param openPacks packs whose files stay open without being used, at one descriptor each
 * @param quarantineHold how long bad and unknown replicas are kept before they are deleted
 * @param acceptNewDisks empty directories are new disks though known ones are missing
 */
public record StoreSettings(
    List<Path> directories,
    long reserveBytes,
    int idleFiles,
    int openPacks,
    Duration quarantineHold,
    boolean acceptNewDisks) {

  public static final Duration DEFAULT_QUARANTINE_HOLD = Duration.ofHours(24);

  /** A hundredth of the disk, within bounds. */
  public static final long DEFAULT_RESERVE = -1;

  private static final int MOST_IDLE_FILES = 1000;
  private static final int MOST_OPEN_PACKS = 500;
  // A quarter of the descriptors for idle chunks, which have two each, and an eighth for packs.
  private static final int SHARE = 8;
  private static final int MOST_HOLD_HOURS = 8760;

  public StoreSettings {
    directories = directories.stream().map(d -> d.toAbsolutePath().normalize()).toList();
    if (directories.isEmpty()) {
      throw new IllegalArgumentException("a chunk server needs at least one data directory");
    }
    if (new HashSet<>(directories).size() < directories.size()) {
      throw new IllegalArgumentException("a data directory is named twice");
    }
    if (quarantineHold.isNegative() || quarantineHold.toHours() > MOST_HOLD_HOURS) {
      throw new IllegalArgumentException(
          "the quarantine is held for 0 to "
              + MOST_HOLD_HOURS
              + " hours, not "
              + quarantineHold.toHours());
    }
  }

  public static StoreSettings of(List<Path> directories) {
    int share = (int) Math.min(Descriptors.most() / SHARE, Integer.MAX_VALUE);
    return new StoreSettings(
        directories,
        DEFAULT_RESERVE,
        Math.min(share, MOST_IDLE_FILES),
        Math.min(share, MOST_OPEN_PACKS),
        DEFAULT_QUARANTINE_HOLD,
        false);
  }

  public StoreSettings withReserve(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("the reserve of a disk is 0 bytes or more, not " + bytes);
    }
    return new StoreSettings(
        directories, bytes, idleFiles, openPacks, quarantineHold, acceptNewDisks);
  }

  public StoreSettings withQuarantineHold(Duration hold) {
    return new StoreSettings(directories, reserveBytes, idleFiles, openPacks, hold, acceptNewDisks);
  }

  /** Takes empty directories as new disks, though known ones are missing. */
  public StoreSettings withNewDisks(boolean accepted) {
    return new StoreSettings(
        directories, reserveBytes, idleFiles, openPacks, quarantineHold, accepted);
  }
}
