package dev.cairn.fuse.jnr;

import com.google.protobuf.ByteString;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Decides whether the kernel may keep a file's pages when it is opened.
 *
 * <p>The filesystem says of an inode whether its bytes are what they were when this client had it
 * open last. The kernel's pages belong to something else, though: libfuse 2 gives every path an
 * inode of its own towards the kernel. Two hard links have two sets of pages, a write through one
 * leaves those of the other as they are; and a path may have shown another inode meanwhile. So
 * pages are kept only where the inode was opened last by this path, this path opened last this
 * inode, and no two paths had it open at a time. Renames by this mount take the pages along, as
 * libfuse does.
 *
 * <p>Bounded: of what is forgotten, pages are not kept. All methods may be called from any thread.
 */
final class KeptPages {

  private static final int MOST_FILES = 16_384;

  /** An inode that is open, by one path or, mixed, by several. */
  private static final class Open {
    int handles;
    ByteString path;
    boolean mixed;
  }

  private final Map<Long, Open> open = new HashMap<>();

  // One entry of each for every file remembered: the pairs are the same in both.
  private final LinkedHashMap<ByteString, Long> inodeAt = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Long, ByteString> pathOf = new HashMap<>();

  /** Notes an open, and answers whether the kernel's pages may stay. */
  synchronized boolean opened(long inode, FusePath path, boolean unchanged) {
    Open handles = open.computeIfAbsent(inode, i -> new Open());
    if (handles.handles++ == 0) {
      handles.path = path.bytes();
    } else if (!handles.path.equals(path.bytes())) {
      handles.mixed = true;
    }
    boolean same = path.bytes().equals(pathOf.get(inode));
    if (!same) {
      remember(inode, path.bytes());
    } else {
      inodeAt.get(path.bytes());
    }
    return unchanged && same && !handles.mixed;
  }

  /** Notes that a handle is closed. */
  synchronized void closed(long inode) {
    Open handles = open.get(inode);
    if (handles != null && --handles.handles == 0) {
      open.remove(inode);
      if (handles.mixed) {
        forget(inode);
      }
    }
  }

  /** Whether several paths have the file open, each with pages of its own. */
  synchronized boolean areOfSeveralPaths(long inode) {
    Open handles = open.get(inode);
    return handles != null && handles.mixed;
  }

  /** Notes a rename by this mount. */
  synchronized void renamed(FusePath from, FusePath to, boolean directory) {
    removed(to);
    if (directory) {
      ByteString below = from.bytes().concat(ByteString.copyFromUtf8("/"));
      inodeAt.keySet().removeIf(path -> path.startsWith(below));
      pathOf.values().removeIf(path -> path.startsWith(below));
      return;
    }
    Long inode = inodeAt.get(from.bytes());
    if (inode != null) {
      remember(inode, to.bytes());
      Open handles = open.get(inode);
      if (handles != null && handles.path.equals(from.bytes())) {
        handles.path = to.bytes();
      }
    }
  }

  /** Notes that this mount removed a name. */
  synchronized void removed(FusePath path) {
    Long inode = inodeAt.remove(path.bytes());
    if (inode != null) {
      pathOf.remove(inode);
    }
  }

  private void remember(long inode, ByteString path) {
    forget(inode);
    Long other = inodeAt.put(path, inode);
    if (other != null) {
      pathOf.remove(other);
    }
    pathOf.put(inode, path);
    if (inodeAt.size() > MOST_FILES) {
      forget(inodeAt.values().iterator().next());
    }
  }

  private void forget(long inode) {
    ByteString path = pathOf.remove(inode);
    if (path != null) {
      inodeAt.remove(path);
    }
  }
}
