package dev.cairn.fuse.jnr;

import dev.cairn.fuse.Binding;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A mount through libfuse 2. */
final class JnrMount implements Binding.Mount {

  private static final Logger LOG = LoggerFactory.getLogger(JnrMount.class);
  private static final long END_MILLIS = 10_000;

  private final Path mountPoint;
  private final Readers readers;
  private final Unmount unmount;

  JnrMount(Path mountPoint, Readers readers, Unmount unmount) {
    this.mountPoint = mountPoint;
    this.readers = readers;
    this.unmount = unmount;
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
      if (!unmount.of(mountPoint) && !readers.hasEnded()) {
        LOG.error("{} could not be unmounted", mountPoint);
      } else if (!readers.awaitEnd(END_MILLIS)) {
        LOG.warn("{} is unmounted, but somebody still has files of it open", mountPoint);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
