package dev.cairn.fuse.jnr;

import com.google.protobuf.ByteString;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Names that exist between libfuse and this binding only.
 *
 * <p>libfuse 2 knows files by path, so it cannot speak of an open file that has no name any more:
 * fstat(2), fchmod(2) and all that comes without a file handle would fail. Its remedy is to rename
 * a file that is open to {@code .fuse_hidden...} when it is removed or replaced, and to unlink that
 * when the last descriptor is closed. Other clients would see those names, a directory would not be
 * empty when it should, and a crash would leave them behind. Its other remedy, {@code hard_remove},
 * really removes the name, and fstat(2) then fails with ENOENT as soon as the kernel's attributes
 * of the file are a second old (the kernel does not send the file handle along).
 *
 * <p>Here libfuse hides, but nothing of it reaches the filesystem: the rename of a removal unlinks
 * the name, the rename of a replacement does nothing (the rename that follows replaces atomically),
 * and the hidden name is remembered here as another name of the inode until libfuse unlinks it.
 */
final class HiddenFiles {

  private static final ByteString PREFIX = ByteString.copyFromUtf8(".fuse_hidden");

  private final Map<Place, Long> inodes = new ConcurrentHashMap<>();

  /** Whether libfuse may have made up that name. */
  static boolean looksHidden(ByteString name) {
    return name.startsWith(PREFIX);
  }

  /** The inode that is hidden there, or null. */
  Long inode(Place place) {
    return inodes.isEmpty() || !looksHidden(place.name()) ? null : inodes.get(place);
  }

  void hide(Place place, long inode) {
    inodes.put(place, inode);
  }

  /** Answers whether there was something hidden there. */
  boolean forget(Place place) {
    return inodes.remove(place) != null;
  }
}
