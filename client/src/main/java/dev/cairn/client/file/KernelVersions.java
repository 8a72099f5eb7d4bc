package dev.cairn.client.file;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Which state of each file the kernel knows: which one its cached pages are of, and which one the
 * attributes it was told last are of. Decides at an open whether the pages may stay and whether the
 * attributes, which the kernel trusts for a second, must go. Of files not heard of for long nothing
 * is known, which costs a read more.
 */
final class KernelVersions {

  private static final int MOST_FILES = 100_000;
  private static final long NONE = -1;

  private volatile LongConsumer stale = inode -> {};

  private static final class Known {
    private long pages = NONE;
    private long dropped = NONE;
    private long attributes = NONE;
  }

  private final Map<Long, Known> files =
      new LinkedHashMap<>(1024, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Known> eldest) {
          return size() > MOST_FILES;
        }
      };

  /** What of the kernel's knowledge is right at an open. */
  record Opening(boolean pagesAreRight, boolean attributesAreRight) {}

  /** Names who is to tell the kernel, at once, that pages of a file are not right. */
  void onStalePages(LongConsumer listener) {
    stale = listener;
  }

  /** Pages that the kernel has of the file, and its length, are wrong from now on. */
  void misplaced(long inode) {
    synchronized (this) {
      Known known = of(inode);
      known.pages = NONE;
      known.dropped = NONE;
      known.attributes = NONE;
    }
    stale.accept(inode);
  }

  /** Forgets everything: the same version may be another state by now. */
  synchronized void forget() {
    files.clear();
  }

  private Known of(long inode) {
    return files.computeIfAbsent(inode, key -> new Known());
  }

  /** The kernel is told attributes of a version. */
  synchronized void told(long inode, long dataVersion) {
    of(inode).attributes = dataVersion;
  }

  /**
   * The file is opened at a version. Where the pages are not right, the answer has the kernel drop
   * them, which it has done when it next speaks of the new handle: see {@link #dropped}. Until then
   * no other open may keep them.
   */
  synchronized Opening opened(long inode, long dataVersion) {
    Known known = of(inode);
    Opening opening = new Opening(known.pages == dataVersion, known.attributes == dataVersion);
    if (!opening.pagesAreRight()) {
      known.pages = NONE;
      known.dropped = dataVersion;
    }
    return opening;
  }

  /** The kernel has dropped the pages that an open at that version found wrong. */
  synchronized void dropped(long inode, long dataVersion) {
    Known known = of(inode);
    if (known.dropped == dataVersion) {
      known.pages = dataVersion;
      known.dropped = NONE;
    }
  }

  /**
   * This client's own change led to a version; what the kernel knows is right only when it was
   * right for the version before.
   */
  synchronized void changed(long inode, long dataVersion) {
    Known known = of(inode);
    known.dropped = NONE;
    known.pages = after(known.pages, dataVersion);
    known.attributes = after(known.attributes, dataVersion);
  }

  private static long after(long known, long dataVersion) {
    return known == dataVersion || known == dataVersion - 1 ? dataVersion : NONE;
  }
}
