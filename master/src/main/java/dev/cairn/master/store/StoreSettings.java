package dev.cairn.master.store;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How tables are kept.
 *
 * @param cacheBytes memory for blocks of tables that were read; indexes and filters count there
 * @param acceptLostLog whether to go on without the changes that a damaged log has lost
 */
public record StoreSettings(long cacheBytes, boolean acceptLostLog) {

  public static final long LEAST_CACHE_BYTES = 8L << 20;
  private static final long LEAST_DEFAULT_BYTES = 32L << 20;
  private static final long MOST_DEFAULT_BYTES = 256L << 20;
  private static final int PART_OF_MEMORY = 16;

  public StoreSettings {
    if (cacheBytes < LEAST_CACHE_BYTES) {
      throw new IllegalArgumentException(
          "the cache of the tables is 8M or more, not " + cacheBytes);
    }
  }

  /** A cache that fits this machine, and no loss accepted. */
  public static StoreSettings defaults() {
    return new StoreSettings(defaultCacheBytes(memoryBytes()), false);
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
