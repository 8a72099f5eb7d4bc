package dev.cairn.fuse.kernel;

import dev.cairn.fuse.kernel.KernelLayout.NotifyInvalInodeOut;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the filesystem tells the kernel unasked: messages without a request, with their code as
 * error.
 */
final class Notifications {

  private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);

  /** {@code FUSE_NOTIFY_INVAL_INODE} of linux/fuse.h. */
  private static final int INVAL_INODE = 2;

  /** With a negative offset only the attributes go: fuse_reverse_inval_inode in fs/fuse/inode.c. */
  private static final long NO_PAGES = -1;

  private final ThreadLocal<ReplyBuffer> message =
      ThreadLocal.withInitial(() -> new ReplyBuffer(NotifyInvalInodeOut.SIZEOF, null));

  private final Device device;

  Notifications(Device device) {
    this.device = device;
  }

  /** The kernel asks for the inode's attributes before it uses them again. */
  void attributesChanged(long node) {
    ReplyBuffer buffer = message.get();
    ByteBuffer body = buffer.body();
    body.putLong(NotifyInvalInodeOut.INO, node);
    body.putLong(NotifyInvalInodeOut.OFF, NO_PAGES);
    body.putLong(NotifyInvalInodeOut.LEN, 0);
    int result = buffer.send(device, 0, -INVAL_INODE, NotifyInvalInodeOut.SIZEOF);
    // ENOENT: the kernel does not know the inode any more.
    if (result != 0 && result != -Errno.ENOENT && result != -Errno.ENODEV) {
      LOG.error("the kernel refused to forget attributes: {}", Errno.name(-result));
    }
  }
}
