package dev.cairn.chunkserver.store;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/**
 * What a store is opened with.
 *
 * @param directories one per disk
 * @param reserveBytes to leave free on each disk, or {@link #DEFAULT_RESERVE}
 * @param idleFiles chunks whose files stay open without being used, at two descriptors each
 */
public record StoreSettings(List<Path> directories, long reserveBytes, int idleFiles) {

  /** A hundredth of the disk, within bounds. */
  public static final long DEFAULT_RESERVE = -1;

  private static final int DEFAULT_IDLE_FILES = 1000;

  public StoreSettings {
    directories = directories.stream().map(d -> d.toAbsolutePath().normalize()).toList();
    if (directories.isEmpty()) {
      throw new IllegalArgumentException("a chunk server needs at least one data directory");
    }
    if (new HashSet<>(directories).size() < directories.size()) {
      throw new IllegalArgumentException("a data directory is named twice");
    }
  }

  public static StoreSettings of(List<Path> directories) {
    return new StoreSettings(directories, DEFAULT_RESERVE, DEFAULT_IDLE_FILES);
  }

  public StoreSettings withReserve(long bytes) {
    return new StoreSettings(directories, bytes, idleFiles);
  }
}
