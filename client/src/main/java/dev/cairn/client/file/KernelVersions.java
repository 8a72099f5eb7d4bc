package dev.cairn.client.file;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which state of each file the kernel's page cache has: decides whether its pages may stay at an
 * open. For files not opened for long, none is known, which costs a read more.
 */
final class KernelVersions {

  private static final int MOST_FILES = 100_000;

  private final Map<Long, Long> versions =
      new LinkedHashMap<>(1024, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
          return size() > MOST_FILES;
        }
      };

  /**
   * The file is opened at a version: answers whether the kernel has just that, and will have it
   * now.
   */
  synchronized boolean opened(long inode, long dataVersion) {
    Long before = versions.put(inode, dataVersion);
    return before != null && before == dataVersion;
  }

  /**
   * This client's own change led to a version; pages may stay only when nobody else changed
   * anything.
   */
  synchronized void changed(long inode, long dataVersion, boolean onlyHere) {
    if (onlyHere && versions.containsKey(inode)) {
      versions.put(inode, dataVersion);
    } else {
      versions.remove(inode);
    }
  }
}
