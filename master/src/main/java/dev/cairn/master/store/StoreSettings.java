package dev.cairn.master.store;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;

/**
 * How tables are kept.
 *
 * @param cacheBytes memory for blocks of tables that were read; indexes and filters count there
 * @param acceptLostLog whether to go on without the changes that a damaged log has lost
 * @param reserveBytes room on the disk that is held for deletions; 0: none
 */
public record StoreSettings(long cacheBytes, boolean acceptLostLog, long reserveBytes) {

  public static final long LEAST_CACHE_BYTES = 8L << 20;
  private static final long LEAST_DEFAULT_BYTES = 32L << 20;
  private static final long MOST_DEFAULT_BYTES = 256L << 20;
  private static final int PART_OF_MEMORY = 16;
  private static final int RESERVED_PART_OF_DISK = 16;
  private static final long MOST_RESERVED_BYTES = 64L << 20;

  public StoreSettings {
    if (cacheBytes < LEAST_CACHE_BYTES) {
      throw new IllegalArgumentException(
          "the cache of the tables is 8M or more, not " + cacheBytes);
    }
    if (reserveBytes < 0) {
      throw new IllegalArgumentException("the reserve is 0 or more, not " + reserveBytes);
    }
  }

  /** A cache that fits this machine, no loss accepted, and no reserve. */
  public static StoreSettings defaults() {
    return new StoreSettings(defaultCacheBytes(memoryBytes()), false, 0);
  }

  /** The same with the reserve that fits the disk of a directory. */
  public StoreSettings withDefaultReserve(Path directory) {
    // Not by way of a FileStore, which wants to find the mount point.
    long diskBytes = directory.toFile().getTotalSpace();
    return new StoreSettings(cacheBytes, acceptLostLog, defaultReserveBytes(diskBytes));
  }

  /** A sixteenth of the disk, 64 MiB at most: enough to write the largest log to tables. */
  static long defaultReserveBytes(long diskBytes) {
    return Math.min(diskBytes / RESERVED_PART_OF_DISK, MOST_RESERVED_BYTES);
  }

  /** A sixteenth of the memory, 32 to 256 MiB. */
  static long defaultCacheBytes(long memoryBytes) {
    long part = memoryBytes / PART_OF_MEMORY;
    return Math.max(LEAST_DEFAULT_BYTES, Math.min(part, MOST_DEFAULT_BYTES));
  }

  private static long memoryBytes() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }
}
