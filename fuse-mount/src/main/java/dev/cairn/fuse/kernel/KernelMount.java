package dev.cairn.fuse.kernel;

import dev.cairn.fuse.Binding;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.metrics.Operations;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A mount and the threads that serve it. */
final class KernelMount implements Binding.Mount {

  private static final Logger LOG = LoggerFactory.getLogger(KernelMount.class);
  private static final int BUSY_TRIES = 20;
  private static final long BUSY_PAUSE_MILLIS = 100;
  private static final long END_MILLIS = 3000;
  private static final int MOST_FAILURES = 8;

  private final Path mountPoint;
  private final Mounter mounter;
  private final Device device;
  private final Interruptions interruptions;
  private final OpcodeMeters meters;
  private final CountDownLatch ended;
  private final AtomicBoolean closing = new AtomicBoolean();

  KernelMount(
      Path mountPoint,
      Mounter mounter,
      Device device,
      Interruptions interruptions,
      int threads,
      OpcodeMeters meters,
      Supplier<RequestLoop> loops) {
    this.mountPoint = mountPoint;
    this.mounter = mounter;
    this.device = device;
    this.interruptions = interruptions;
    this.meters = meters;
    this.ended = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      RequestLoop loop = loops.get();
      Thread thread = new Thread(() -> serve(loop), "fuse-" + i);
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void serve(RequestLoop loop) {
    try {
      for (int failures = 0; failures < MOST_FAILURES; failures++) {
        try {
          loop.run();
          return;
        } catch (RuntimeException | Error e) {
          LOG.error("a thread that serves {} failed", mountPoint, e);
        }
      }
      giveUp();
    } finally {
      ended.countDown();
    }
  }

  /** An error for all users is better than a mount that nobody serves. */
  private void giveUp() {
    try {
      mounter.detach(mountPoint);
    } catch (CairnException e) {
      LOG.error("{}", e.getMessage());
    }
  }

  @Override
  public Operations operations() {
    return meters.operations();
  }

  @Override
  public void awaitEnd() throws InterruptedException {
    ended.await();
  }

  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    try {
      if (!isOver(0)) {
        unmount();
      }
      if (isOver(END_MILLIS)) {
        device.close();
      } else {
        LOG.warn("{} is unmounted, but still in use until this process ends", mountPoint);
      }
    } catch (CairnException e) {
      LOG.error("{}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    interruptions.close();
  }

  /** Gives those who use the mount a little time to leave. */
  private void unmount() throws CairnException, InterruptedException {
    for (int i = 0; i < BUSY_TRIES; i++) {
      if (mounter.unmount(mountPoint) || isOver(BUSY_PAUSE_MILLIS)) {
        return;
      }
    }
    LOG.warn("{} is busy: it is taken away from those who use it", mountPoint);
    mounter.detach(mountPoint);
  }

  private boolean isOver(long millis) throws InterruptedException {
    return ended.await(millis, TimeUnit.MILLISECONDS);
  }
}
