package dev.cairn.chunkserver.heartbeat;

import dev.cairn.chunkserver.store.ChunkStore;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.LoggerFactory;

/**
 * Deletes what the master asked for, on a thread of its own, so that the heart does not stop for
 * it. The master asks again until it hears that a chunk is gone; what waits already is not queued
 * twice.
 */
final class Deletions implements Closeable {

  private static final int BATCH = 500;

  private final ChunkStore store;
  private final Thread thread = new Thread(this::run, "chunk-deletions");
  private final Set<Long> waiting = new LinkedHashSet<>();
  private boolean stopped;

  Deletions(ChunkStore store) {
    this.store = store;
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
      store.delete(batch);
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
