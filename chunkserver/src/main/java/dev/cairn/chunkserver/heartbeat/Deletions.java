package dev.cairn.chunkserver.heartbeat;

import java.io.Closeable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/**
 * Deletes what the master asked for, on a thread of its own, so that the heart does not stop for
 * it. The master asks again until it hears that a chunk is gone; what waits already is not queued
 * twice.
 */
final class Deletions implements Closeable {

  private static final int BATCH = 500;

  private final Consumer<List<Long>> deleting;
  private final Thread thread;
  private final Set<Long> waiting = new LinkedHashSet<>();
  private boolean stopped;

  /**
   * @param deleting deletes chunks, or puts them aside
   */
  Deletions(String name, Consumer<List<Long>> deleting) {
    this.deleting = deleting;
    this.thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  synchronized void add(Collection<Long> chunkIds) {
    waiting.addAll(chunkIds);
    notifyAll();
  }

  private void run() {
    try {
      for (List<Long> batch = next(); !batch.isEmpty(); batch = next()) {
        delete(batch);
      }
    } catch (InterruptedException e) {
      LoggerFactory.getLogger(Deletions.class).error("deleting was interrupted", e);
    }
  }

  private void delete(List<Long> batch) {
    try {
      deleting.accept(batch);
    } catch (RuntimeException e) {
      // The boundary of the thread: the master asks for the same chunks again.
      LoggerFactory.getLogger(Deletions.class).error("deleting chunks failed", e);
    }
    synchronized (this) {
      batch.forEach(waiting::remove);
    }
  }

  /** The ids stay among those waiting until they are deleted. */
  private synchronized List<Long> next() throws InterruptedException {
    while (waiting.isEmpty() && !stopped) {
      wait();
    }
    List<Long> batch = new ArrayList<>();
    for (Long id : waiting) {
      if (stopped || batch.size() == BATCH) {
        break;
      }
      batch.add(id);
    }
    return batch;
  }

  /** Stops after the batch under way. */
  @Override
  public void close() {
    synchronized (this) {
      stopped = true;
      notifyAll();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
