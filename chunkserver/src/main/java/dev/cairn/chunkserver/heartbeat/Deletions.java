package dev.cairn.chunkserver.heartbeat;

import java.io.Closeable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/**
 * Deletes what the master asked for, on a thread of its own, so that the heart does not stop for
 * it.
 *
 * <p><b>Garbage</b> is garbage for ever. The master asks again until it hears that a chunk is gone;
 * what waits already is not queued twice.
 *
 * <p><b>Spares</b> may go only as long as others stand in for them, which the master judges anew
 * with each answer: what waits is replaced by what the answer names, and comes before garbage. What
 * is under way cannot be held back; {@link #settled} says when it is over.
 */
final class Deletions implements Closeable {

  private static final int BATCH = 500;

  private final Consumer<List<Long>> deleting;
  private final Thread thread;
  private final Set<Long> garbage = new LinkedHashSet<>();
  private final Set<Long> spares = new LinkedHashSet<>();
  private boolean sparesUnderWay;
  // The numbers of the last answer, and of the one that nothing goes without.
  private long taken;
  private long settled;
  private boolean stopped;
  private final LongAdder gone = new LongAdder();

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

  synchronized void addGarbage(Collection<Long> chunkIds) {
    garbage.addAll(chunkIds);
    notifyAll();
  }

  /** These spares go, and none of those that were named before and are not here. */
  synchronized void replaceSpares(long answer, Collection<Long> chunkIds) {
    spares.clear();
    spares.addAll(chunkIds);
    taken = answer;
    settle();
    notifyAll();
  }

  /** No spare goes; false while some are under way. */
  synchronized boolean withdrawSpares() {
    spares.clear();
    taken = 0;
    settled = 0;
    return !sparesUnderWay;
  }

  /** Chunks that went. */
  LongAdder gone() {
    return gone;
  }

  /** Chunks that have yet to go. */
  synchronized int waiting() {
    return garbage.size() + spares.size();
  }

  private void settle() {
    if (!sparesUnderWay) {
      settled = taken;
    }
  }

  /** The number of the last answer without which no spare goes any more; 0 when there is none. */
  synchronized long settled() {
    return settled;
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
      gone.add(batch.size());
    } catch (RuntimeException e) {
      // The boundary of the thread: the master asks for the same chunks again.
      LoggerFactory.getLogger(Deletions.class).error("deleting chunks failed", e);
    }
    synchronized (this) {
      batch.forEach(garbage::remove);
      batch.forEach(spares::remove);
      sparesUnderWay = false;
      settle();
    }
  }

  /** The ids stay among those waiting until they are deleted. */
  private synchronized List<Long> next() throws InterruptedException {
    while (spares.isEmpty() && garbage.isEmpty() && !stopped) {
      wait();
    }
    List<Long> batch = new ArrayList<>();
    if (!stopped) {
      sparesUnderWay = !spares.isEmpty();
      (sparesUnderWay ? spares : garbage).stream().limit(BATCH).forEach(batch::add);
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
