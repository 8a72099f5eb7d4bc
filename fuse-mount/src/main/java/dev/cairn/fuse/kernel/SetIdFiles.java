package dev.cairn.fuse.kernel;

import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The files that have set-id bits in the attributes the kernel was given last. When somebody
 * unprivileged writes, the filesystem takes the bits away (FUSE_HANDLE_KILLPRIV_V2), but the kernel
 * goes on believing in them as long as it trusts its attributes, and would run such a file with
 * them. Such files are few, so it is told in time.
 */
final class SetIdFiles {

  private static final int SET_ID_BITS = 06000;

  private final Set<Long> inodes = ConcurrentHashMap.newKeySet();
  private final Notifications notifications;

  SetIdFiles(Notifications notifications) {
    this.notifications = notifications;
  }

  /** These attributes go to the kernel. */
  void given(Attributes attributes) {
    boolean setId = (attributes.getPermissions() & SET_ID_BITS) != 0;
    if (setId && attributes.getType() == FileType.REGULAR) {
      inodes.add(attributes.getInode());
    } else if (!inodes.isEmpty()) {
      inodes.remove(attributes.getInode());
    }
  }

  /** The filesystem has taken the bits of this file away, if it had any. */
  void cleared(long inode) {
    if (!inodes.isEmpty() && inodes.remove(inode)) {
      notifications.attributesChanged(inode);
    }
  }
}
