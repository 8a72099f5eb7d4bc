package dev.cairn.master.log;

import dev.cairn.master.store.StoreFailedException;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.metrics.Latency;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Forces the log to disk for all who wait, on a thread of its own: while one force is under way the
 * next waiters gather. When nothing was appended since the last one, there is nothing to do.
 */
public final class ForceGroup {

  private static final long STOP_MILLIS = 10_000;
  private static final long RETRY_MILLIS = 1000;

  /**
   * Waits for a force.
   *
   * @param refused is told when it failed; null for one that waits on until a force works
   */
  private record Waiter(Runnable forced, Consumer<CairnException> refused) {}

  private final BlockingQueue<Waiter> waiters = new LinkedBlockingQueue<>();
  private final RecordLog log;
  private final Writer writer;
  private final Consumer<Throwable> fatal;
  private final Thread thread = new Thread(this::run, "master-force");

  private final Latency forces = new Latency();
  private volatile int gathered;

  /** For the force's thread: what is on disk for sure. */
  private long forcedBatches = -1;

  /** Makes a group that is not started yet; {@code fatal} ends the process: the disk is lost. */
  public ForceGroup(RecordLog log, Writer writer, Consumer<Throwable> fatal) {
    this.log = log;
    this.writer = writer;
    this.fatal = fatal;
  }

  public void start() {
    thread.start();
  }

  /**
   * Runs the waiter when everything answered before is on disk, however long the disk takes nothing
   * meanwhile. It must not block.
   */
  public void submit(Runnable waiter) {
    waiters.add(new Waiter(waiter, null));
  }

  /**
   * Runs the waiter when everything answered before is on disk.
   *
   * @param refused is told instead when the disk does not take it; neither may block
   */
  public void submit(Runnable waiter, Consumer<CairnException> refused) {
    waiters.add(new Waiter(waiter, refused));
  }

  /** How long forces took. */
  public Latency forces() {
    return forces;
  }

  /** How many wait for a force. */
  public int waiting() {
    return waiters.size() + gathered;
  }

  private void run() {
    List<Waiter> group = new ArrayList<>();
    try {
      while (true) {
        Waiter next =
            group.isEmpty() ? waiters.take() : waiters.poll(RETRY_MILLIS, TimeUnit.MILLISECONDS);
        if (next != null) {
          group.add(next);
        }
        waiters.drainTo(group);
        gathered = group.size();
        force(group);
        gathered = group.size();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      fatal.accept(e);
    }
  }

  /** Leaves those in the group that wait on. */
  private void force(List<Waiter> group) throws IOException {
    try {
      long batches = writer.batches();
      if (batches != forcedBatches) {
        long began = System.nanoTime();
        log.force();
        forces.since(began);
        forcedBatches = batches;
      }
    } catch (StoreFailedException e) {
      writer.forceFailed(e);
      CairnException why = Writer.refusal(e);
      for (Waiter waiter : group) {
        if (waiter.refused() != null) {
          waiter.refused().accept(why);
        }
      }
      group.removeIf(waiter -> waiter.refused() != null);
      return;
    }
    group.forEach(waiter -> waiter.forced().run());
    group.clear();
  }

  /** Ends, and refuses those that still wait. */
  public void stop() throws InterruptedException {
    thread.interrupt();
    thread.join(STOP_MILLIS);
    List<Waiter> late = new ArrayList<>();
    waiters.drainTo(late);
    for (Waiter waiter : late) {
      if (waiter.refused() != null) {
        waiter.refused().accept(ErrorCode.STOPPING.because("the master is stopping"));
      }
    }
  }
}
