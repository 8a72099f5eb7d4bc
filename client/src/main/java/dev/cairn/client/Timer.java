package dev.cairn.client;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thread for all that happens later. Tasks are short and hand longer work on. */
public final class Timer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Timer.class);

  private final ScheduledThreadPoolExecutor executor =
      new ScheduledThreadPoolExecutor(1, Timer::thread);

  public Timer() {
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    executor.setRemoveOnCancelPolicy(true);
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "client-timer");
    thread.setDaemon(true);
    return thread;
  }

  /** Runs the task once; not at all when the timer is closed before. */
  public void after(Duration delay, Runnable task) {
    if (!executor.isShutdown()) {
      executor.schedule(() -> run(task), delay.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Runs the task again and again, each time that long after its last end. */
  public void every(Duration period, Runnable task) {
    executor.scheduleWithFixedDelay(
        () -> run(task), period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** A boundary: a task that fails must not end its repetition, nor go unnoticed. */
  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("a timed task failed", e);
    }
  }

  public boolean isClosed() {
    return executor.isShutdown();
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
