package dev.cairn.chunkserver.store;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/**
 * A background thread of the store: one round a second. It is never interrupted, since it does I/O.
 */
final class Housekeeping {

  private static final long PERIOD_MILLIS = 1000;

  private final Runnable round;
  private final Thread thread;
  private final CountDownLatch stop = new CountDownLatch(1);

  Housekeeping(String name, Runnable round) {
    this.round = round;
    this.thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (!stop.await(PERIOD_MILLIS, TimeUnit.MILLISECONDS)) {
        runOnce();
      }
    } catch (InterruptedException e) {
      LoggerFactory.getLogger(Housekeeping.class).error("housekeeping was interrupted", e);
    }
  }

  private void runOnce() {
    try {
      round.run();
    } catch (RuntimeException e) {
      // The boundary of the thread: a bug in one round must not end all others unseen.
      LoggerFactory.getLogger(Housekeeping.class).error("a round of housekeeping failed", e);
    }
  }

  /** Returns when the round under way is over. */
  void stop() {
    stop.countDown();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
