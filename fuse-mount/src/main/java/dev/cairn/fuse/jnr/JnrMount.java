package dev.cairn.fuse.jnr;

import dev.cairn.fuse.Binding;
import dev.cairn.rpc.metrics.Operations;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A mount through libfuse 2. */
final class JnrMount implements Binding.Mount {

  private static final Logger LOG = LoggerFactory.getLogger(JnrMount.class);
  private static final int BUSY_TRIES = 20;
  private static final long BUSY_PAUSE_MILLIS = 100;
  private static final long END_MILLIS = 10_000;

  private final Path mountPoint;
  private final Readers readers;
  private final Unmount unmount;
  private final Operations operations;

  JnrMount(Path mountPoint, Readers readers, Unmount unmount, Operations operations) {
    this.mountPoint = mountPoint;
    this.readers = readers;
    this.unmount = unmount;
    this.operations = operations;
  }

  @Override
  public Operations operations() {
    return operations;
  }

  @Override
  public void awaitEnd() throws InterruptedException {
    readers.awaitEnd();
  }

  @Override
  public synchronized void close() {
    if (readers.hasEnded()) {
      return;
    }
    try {
      if (!leave()) {
        LOG.warn("{} is busy: it is taken away from those who use it", mountPoint);
        unmount.force(mountPoint);
      }
      if (!readers.awaitEnd(END_MILLIS)) {
        LOG.warn("{} is unmounted, but still in use until this process ends", mountPoint);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Gives those who use the mount a little time to leave; answers whether they did. */
  private boolean leave() throws InterruptedException {
    for (int i = 0; i < BUSY_TRIES; i++) {
      if (unmount.of(mountPoint) || readers.awaitEnd(BUSY_PAUSE_MILLIS)) {
        return true;
      }
    }
    return false;
  }
}
