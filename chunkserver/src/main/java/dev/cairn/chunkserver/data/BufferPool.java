package dev.cairn.chunkserver.data;

import dev.cairn.rpc.Check;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Direct memory in slabs of 2 MiB, lent out in runs of 32 KiB pages. Never takes more than its
 * bound from the system; who finds it exhausted waits.
 *
 * <p>A borrower says its rank: how many others in a row may make it wait while it holds the buffer.
 * Rank r may use all slabs but the first r, so those of lower rank always have some that they alone
 * give back. Within a rank it is first come, first served, so a large request is not overtaken for
 * ever by small ones.
 */
final class BufferPool {

  /** Most bytes of a buffer. */
  static final int SLAB_BYTES = 2 << 20;

  private static final int PAGE_BYTES = 32 << 10;
  private static final int PAGES = SLAB_BYTES / PAGE_BYTES;
  private static final int RANKS = 16;

  private final ByteBuffer[] slabs;
  // Of each slab a bit per page, set while it is lent.
  private final long[] lent;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition returned = lock.newCondition();
  private final ReentrantLock[] queues = new ReentrantLock[RANKS];

  BufferPool(long bytes) {
    int count = (int) (bytes / SLAB_BYTES);
    if (count < 2 * RANKS) {
      throw new IllegalArgumentException(
          "the buffers of a chunk server take at least " + 2 * RANKS * SLAB_BYTES + " bytes");
    }
    slabs = new ByteBuffer[count];
    lent = new long[count];
    for (int rank = 0; rank < RANKS; rank++) {
      queues[rank] = new ReentrantLock(true);
    }
  }

  /** A buffer with exactly so many bytes, 1 to {@link #SLAB_BYTES}; waits until there is one. */
  Lent take(int bytes, int rank) throws CairnException {
    Check.that(bytes > 0 && bytes <= SLAB_BYTES, "a buffer of %s bytes", bytes);
    int capped = Math.min(rank, RANKS - 1);
    ReentrantLock queue = queues[capped];
    try {
      queue.lockInterruptibly();
      try {
        return takeFirst(bytes, capped);
      } finally {
        queue.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ErrorCode.STOPPING.because("the server is stopping", e);
    }
  }

  private Lent takeFirst(int bytes, int rank) throws InterruptedException {
    int pages = (bytes + PAGE_BYTES - 1) / PAGE_BYTES;
    lock.lock();
    try {
      while (true) {
        Lent found = find(pages, bytes, rank);
        if (found != null) {
          return found;
        }
        returned.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The last slab where it fits, so that the first ones, which few may use, stay free. */
  private Lent find(int pages, int bytes, int rank) {
    for (int slab = slabs.length - 1; slab >= rank; slab--) {
      int page = firstRun(~lent[slab], pages);
      if (page >= 0) {
        long run = run(page, pages);
        lent[slab] |= run;
        if (slabs[slab] == null) {
          slabs[slab] = ByteBuffer.allocateDirect(SLAB_BYTES);
        }
        return new Lent(this, slab, run, slabs[slab].slice(page * PAGE_BYTES, bytes));
      }
    }
    return null;
  }

  /** The first of so many set bits in a row; negative when there are not so many. */
  private static int firstRun(long free, int length) {
    // After each step a bit is set where that many set bits begin.
    long starts = free;
    for (int have = 1; have < length && starts != 0; ) {
      int step = Math.min(have, length - have);
      starts &= starts >>> step;
      have += step;
    }
    return starts == 0 ? -1 : Long.numberOfTrailingZeros(starts);
  }

  private static long run(int page, int pages) {
    return (pages == PAGES ? -1L : (1L << pages) - 1) << page;
  }

  private void giveBack(int slab, long run) {
    lock.lock();
    try {
      Check.that((lent[slab] & run) == run, "a buffer was given back twice");
      lent[slab] &= ~run;
      returned.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Bytes that are lent out, in whole pages. */
  long lentBytes() {
    lock.lock();
    try {
      long pages = 0;
      for (long slab : lent) {
        pages += Long.bitCount(slab);
      }
      return pages * PAGE_BYTES;
    } finally {
      lock.unlock();
    }
  }

  /** A borrowed buffer; closing it gives it back. */
  static final class Lent implements AutoCloseable {

    private final BufferPool pool;
    private final int slab;
    private final long run;
    private ByteBuffer bytes;

    Lent(BufferPool pool, int slab, long run, ByteBuffer bytes) {
      this.pool = pool;
      this.slab = slab;
      this.run = run;
      this.bytes = bytes;
    }

    ByteBuffer bytes() {
      return bytes;
    }

    @Override
    public void close() {
      if (bytes != null) {
        bytes = null;
        pool.giveBack(slab, run);
      }
    }
  }
}
