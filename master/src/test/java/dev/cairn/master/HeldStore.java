package dev.cairn.master;

import dev.cairn.master.store.Cursor;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Snapshot;
import dev.cairn.master.store.Store;
import dev.cairn.master.store.Table;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A store in which the reads of threads of one name stop until they may go on. */
final class HeldStore implements Store {

  /** How long a held read that is interrupted takes yet, as one in native code would. */
  private static final long LINGERS_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Store store;
  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private volatile String heldThread = "";
  private final AtomicInteger reading = new AtomicInteger();
  private volatile boolean closedWhileReading;

  HeldStore(Store store) {
    this.store = store;
  }

  /** The next read of a thread of that name is held. */
  void hold(String thread) {
    heldThread = thread;
  }

  /** Waits until a read is held. */
  void awaitHeld() throws InterruptedException {
    if (!held.await(20, TimeUnit.SECONDS)) {
      throw new AssertionError("no read of " + heldThread);
    }
  }

  /** How many threads are held. */
  int heldReads() {
    return reading.get();
  }

  /** The read that is held, and all others, go on. */
  void release() {
    released.countDown();
  }

  boolean wasClosedWhileReading() {
    return closedWhileReading;
  }

  private void pass() {
    if (!Thread.currentThread().getName().equals(heldThread) || released.getCount() == 0) {
      return;
    }
    reading.incrementAndGet();
    held.countDown();
    try {
      released.await();
    } catch (InterruptedException e) {
      linger();
      Thread.currentThread().interrupt();
    }
    reading.decrementAndGet();
  }

  private static void linger() {
    long end = System.nanoTime() + LINGERS_NANOS;
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  @Override
  public byte[] get(Table table, byte[] key) {
    pass();
    return store.get(table, key);
  }

  @Override
  public Cursor cursor(Table table, byte[] prefix) {
    pass();
    return store.cursor(table, prefix);
  }

  @Override
  public Snapshot snapshot() {
    pass();
    return store.snapshot();
  }

  @Override
  public void write(Overlay changes) throws IOException {
    store.write(changes);
  }

  @Override
  public void force() throws IOException {
    store.force();
  }

  @Override
  public void close() {
    closedWhileReading = heldReads() > 0;
    while (heldReads() > 0) {
      Thread.onSpinWait();
    }
    store.close();
  }
}
