package dev.cairn.fuse;

import java.nio.file.Path;
import java.util.List;

/**
 * How to mount.
 *
 * @param mountPoint an existing directory, absolute
 * @param source what mount(8) shows as the device: {@code cairn:HOST:PORT}, or with several masters
 *     {@code cairn:HOST:PORT,HOST:PORT,...}
 * @param allowOther users other than the mounting one may use the mount
 * @param readOnly the kernel refuses changes
 * @param threads readers of kernel requests
 * @param cacheMillis how long the kernel may trust names and attributes
 * @param flags further generic options of mount(8) by name, like {@code noexec}; without {@code
 *     suid} and {@code dev} among them, set-id bits and devices have no effect
 * @param spareBytes direct memory beyond the needed one, for writes that wait for servers
 */
public record MountSettings(
    Path mountPoint,
    String source,
    boolean allowOther,
    boolean readOnly,
    int threads,
    int cacheMillis,
    List<String> flags,
    long spareBytes) {

  public static final int DEFAULT_CACHE_MILLIS = 1000;

  private static final int MOST_THREADS = 128;

  public MountSettings {
    flags = List.copyOf(flags);
    if (threads < 1 || threads > MOST_THREADS) {
      throw new IllegalArgumentException(
          "a mount takes requests with 1 to " + MOST_THREADS + " threads, not " + threads);
    }
    if (cacheMillis < 0) {
      throw new IllegalArgumentException("the time to cache attributes is negative");
    }
  }

  /** Settings without further flags. */
  public MountSettings(
      Path mountPoint,
      String source,
      boolean allowOther,
      boolean readOnly,
      int threads,
      int cacheMillis) {
    this(mountPoint, source, allowOther, readOnly, threads, cacheMillis, List.of(), 0);
  }

  /** The same settings, with so much memory to spare. */
  public MountSettings withSpareBytes(long bytes) {
    return new MountSettings(
        mountPoint, source, allowOther, readOnly, threads, cacheMillis, flags, bytes);
  }
}
