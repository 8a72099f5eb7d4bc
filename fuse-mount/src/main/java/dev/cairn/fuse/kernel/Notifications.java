package dev.cairn.fuse.kernel;

import dev.cairn.fuse.kernel.KernelLayout.NotifyInvalInodeOut;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
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

  private static final long ALL_PAGES = 0;
  private static final int IDLE_SECONDS = 5;

  private final ThreadLocal<ReplyBuffer> message =
      ThreadLocal.withInitial(() -> new ReplyBuffer(NotifyInvalInodeOut.SIZEOF, null));

  private final Device device;
  private final Set<Long> stale = ConcurrentHashMap.newKeySet();
  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          0, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Notifications::thread);

  private final Executor waitedFor = Executors.newCachedThreadPool(Notifications::thread);

  Notifications(Device device) {
    this.device = device;
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "fuse-notify");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * The kernel drops all pages of the file, and its attributes, soon. It waits for those that are
   * being read or written, so a thread of its own says so: no request may wait for it.
   */
  void contentChanged(long node) {
    if (stale.add(node)) {
      thread.execute(
          () -> {
            stale.remove(node);
            invalidate(node, ALL_PAGES);
          });
    }
  }

  /**
   * Done when the kernel has dropped all pages of the file, and its attributes. It may have to wait
   * for pages that are being read from a slow server, so every file has a thread of its own.
   */
  CompletableFuture<Void> contentForgotten(long node) {
    return CompletableFuture.runAsync(() -> invalidate(node, ALL_PAGES), waitedFor);
  }

  /** The kernel asks for the inode's attributes before it uses them again. */
  void attributesChanged(long node) {
    invalidate(node, NO_PAGES);
  }

  private void invalidate(long node, long firstPage) {
    ReplyBuffer buffer = message.get();
    ByteBuffer body = buffer.body();
    body.putLong(NotifyInvalInodeOut.INO, node);
    body.putLong(NotifyInvalInodeOut.OFF, firstPage);
    body.putLong(NotifyInvalInodeOut.LEN, 0);
    int result = buffer.send(device, 0, -INVAL_INODE, NotifyInvalInodeOut.SIZEOF);
    // ENOENT: the kernel does not know the inode any more.
    if (result != 0 && result != -Errno.ENOENT && result != -Errno.ENODEV) {
      LOG.error("the kernel refused to forget what it knows of a file: {}", Errno.name(-result));
    }
  }
}
