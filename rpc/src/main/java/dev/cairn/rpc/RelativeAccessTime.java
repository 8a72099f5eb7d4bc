package dev.cairn.rpc;

import dev.cairn.rpc.proto.Attributes;
import java.time.Duration;

/**
 * The rule of {@code relatime}: an access changes the time of access only where that is not later
 * than the last change, or a day old (relatime_need_update in fs/inode.c of Linux). So a file that
 * is read all day costs one change.
 */
public final class RelativeAccessTime {

  private static final long DAY_NANOS = Duration.ofHours(24).toNanos();

  private RelativeAccessTime() {}

  /** The time of access after an access at that time, nanoseconds since 1970. */
  public static long after(Attributes before, long accessNanos) {
    long atime = before.getAtime();
    boolean due =
        atime <= before.getMtime()
            || atime <= before.getCtime()
            || accessNanos - atime >= DAY_NANOS;
    return due && accessNanos > atime ? accessNanos : atime;
  }
}
