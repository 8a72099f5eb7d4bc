package dev.cairn.master.log;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * Forces the log to disk for all who wait, on a thread of its own: while one force is under way the
 * next waiters gather. When nothing was appended since the last one, there is nothing to do.
 */
public final class ForceGroup {

  private static final long STOP_MILLIS = 10_000;

  private final BlockingQueue<Runnable> waiters = new LinkedBlockingQueue<>();
  private final RecordLog log;
  private final Writer writer;
  private final Consumer<Throwable> fatal;
  private final Thread thread = new Thread(this::run, "master-force");

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

  /** Runs the waiter when everything answered before is on disk. It must not block. */
  public void submit(Runnable waiter) {
    waiters.add(waiter);
  }

  private void run() {
    List<Runnable> group = new ArrayList<>();
    try {
      while (true) {
        group.add(waiters.take());
        waiters.drainTo(group);
        long batches = writer.batches();
        if (batches != forcedBatches) {
          log.force();
          forcedBatches = batches;
        }
        group.forEach(Runnable::run);
        group.clear();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      fatal.accept(e);
    }
  }

  public void stop() throws InterruptedException {
    thread.interrupt();
    thread.join(STOP_MILLIS);
  }
}
