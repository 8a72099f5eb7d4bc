package dev.cairn.chunkserver.scrub;

import dev.cairn.chunkserver.store.BlockRun;
import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.chunkserver.store.Replica;
import dev.cairn.rpc.error.CairnException;
import java.io.Closeable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and checks single chunks of which somebody says that they are bad, on a thread of its own,
 * and keeps what it found until the master has heard of it. May be asked from any thread.
 */
public final class Verifier implements Closeable {

  private static final Logger LOG = LoggerFactory.getLogger(Verifier.class);
  private static final int READ_BYTES = 1 << 20;

  /** The result of reading a chunk. */
  private enum Verdict {
    GOOD,
    ABSENT,
    DAMAGED
  }

  /** A chunk that is damaged, and how. */
  public record Damage(long chunkId, String reason) {}

  /** The results that one heartbeat tells the master. */
  public record Page(List<Long> good, List<Long> absent, List<Damage> damaged) {}

  private record Found(Verdict verdict, String reason) {}

  private final ChunkStore store;
  private final long bytesPerSecond;
  private final Thread thread = new Thread(this::run, "verify");
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(READ_BYTES + (128 << 10));

  // Guarded by this.
  private final Set<Long> waiting = new LinkedHashSet<>();
  private final Map<Long, Found> found = new LinkedHashMap<>();
  private long underWay;
  private boolean stopping;

  /** Makes one that is not started yet, and reads no faster than that. */
  public Verifier(ChunkStore store, long bytesPerSecond) {
    this.store = store;
    this.bytesPerSecond = bytesPerSecond;
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  /** Replaces the chunks that wait to be checked; the one under way is finished. */
  public synchronized void ask(Collection<Long> chunkIds) {
    waiting.clear();
    for (long id : chunkIds) {
      if (id != underWay && !found.containsKey(id)) {
        waiting.add(id);
      }
    }
    notifyAll();
  }

  /** Returns the results that the master has not heard of. */
  public synchronized Page untold() {
    Page page = new Page(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    found.forEach(
        (id, what) -> {
          switch (what.verdict()) {
            case GOOD -> page.good().add(id);
            case ABSENT -> page.absent().add(id);
            case DAMAGED -> page.damaged().add(new Damage(id, what.reason()));
          }
        });
    return page;
  }

  /** Forgets what the master has heard. */
  public synchronized void told(Page page) {
    page.good().forEach(found::remove);
    page.absent().forEach(found::remove);
    page.damaged().forEach(damage -> found.remove(damage.chunkId()));
  }

  private void run() {
    try {
      for (long id = next(); id != 0; id = next()) {
        Found what = guarded(id);
        synchronized (this) {
          underWay = 0;
          if (what != null) {
            found.put(id, what);
          }
        }
      }
    } catch (InterruptedException e) {
      LOG.error("verifying was interrupted", e);
    }
  }

  private synchronized long next() throws InterruptedException {
    while (waiting.isEmpty() && !stopping) {
      wait();
    }
    if (stopping) {
      return 0;
    }
    underWay = waiting.iterator().next();
    waiting.remove(underWay);
    return underWay;
  }

  /** The boundary of the thread: after an error the master asks again. */
  private Found guarded(long id) throws InterruptedException {
    try {
      return verify(id);
    } catch (RuntimeException e) {
      LOG.error("chunk {} could not be verified", id, e);
      return null;
    }
  }

  /** Returns the state of the chunk; null when reading did not tell. */
  private Found verify(long id) throws InterruptedException {
    Replica replica = store.replica(id);
    if (replica == null) {
      return new Found(Verdict.ABSENT, "");
    }
    try {
      store.requireFile(id);
      long at = 0;
      while (at < replica.length()) {
        long began = System.nanoTime();
        int length = (int) Math.min(READ_BYTES, replica.length() - at);
        try (BlockRun run = store.blocks(id, at, length)) {
          int[] unused = run.read(scratch.clear());
        }
        at += length;
        if (!pause(length * 1_000_000_000L / bytesPerSecond - (System.nanoTime() - began))) {
          return null;
        }
      }
      LOG.info("chunk {} was said to be bad, and is well", id);
      return new Found(Verdict.GOOD, "");
    } catch (CairnException e) {
      return switch (e.code()) {
        case CORRUPT -> new Found(Verdict.DAMAGED, e.getMessage());
        case NO_CHUNK -> new Found(Verdict.ABSENT, "");
        default -> null;
      };
    }
  }

  /** Waits; false when there is to be stopped. */
  private synchronized boolean pause(long nanos) throws InterruptedException {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0 && !stopping; left = end - System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return !stopping;
  }

  @Override
  public void close() {
    synchronized (this) {
      stopping = true;
      notifyAll();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
