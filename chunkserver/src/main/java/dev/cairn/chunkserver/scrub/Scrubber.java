package dev.cairn.chunkserver.scrub;

import dev.cairn.chunkserver.store.BlockRun;
import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.chunkserver.store.Replica;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ScrubStatus;
import java.io.Closeable;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Scrubbing, and its thread. What is asked of it may be asked from any thread. */
public final class Scrubber implements Closeable {

  private static final Logger LOG = LoggerFactory.getLogger(Scrubber.class);
  private static final int READ_BYTES = 1 << 20;
  private static final long SAVE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final ChunkStore store;
  private final ScrubCursor cursor;
  private final ScrubSettings settings;
  private final LongSupplier wallNanos;
  private final Thread thread = new Thread(this::run, "scrub");
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(READ_BYTES + (128 << 10));

  private ScrubState state;
  private long savedAt;

  /** The pass that was asked for and this one answers; 0: this is a regular one. */
  private long answering;

  private long damaged;
  private long bytesLeft;
  private long bytes;

  private final LongAdder checkedBytes = new LongAdder();
  private final LongAdder allDamaged = new LongAdder();

  /** Guarded by this. */
  private long asked;

  private boolean fullSpeed;
  private boolean stopping;
  private ScrubStatus status;

  /**
   * Makes one that is not started yet.
   *
   * @param wallNanos tells nanoseconds since 1970
   */
  public Scrubber(
      ChunkStore store, ScrubCursor cursor, ScrubSettings settings, LongSupplier wallNanos) {
    this.store = store;
    this.cursor = cursor;
    this.settings = settings;
    this.wallNanos = wallNanos;
    ScrubState kept = cursor.load();
    long now = wallNanos.getAsLong();
    this.state = kept == null ? new ScrubState(now, 0, false, 0, 0) : kept;
    this.savedAt = now;
    tell();
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  /** How far it is. */
  public synchronized ScrubStatus status() {
    return status;
  }

  /** Bytes that were read and checked. */
  public LongAdder checkedBytes() {
    return checkedBytes;
  }

  /** Chunks that were found damaged. */
  public LongAdder damagedChunks() {
    return allDamaged;
  }

  /** Has it begin a pass, unless it did so for this number before. */
  public synchronized void ask(long request, boolean atFullSpeed) {
    if (request > asked) {
      asked = request;
      fullSpeed = atFullSpeed;
      notifyAll();
    }
  }

  private void run() {
    try {
      while (!isStopping()) {
        guardedStep();
      }
    } catch (InterruptedException e) {
      LOG.error("scrubbing was interrupted", e);
    }
  }

  /** The boundary of the thread: an error costs a pass and not all that come. */
  private void guardedStep() throws InterruptedException {
    long wanted = asked();
    try {
      step();
    } catch (RuntimeException e) {
      LOG.error("a pass of scrubbing has ended by an error; it begins anew in a minute", e);
      state = state.beginning(wallNanos.getAsLong());
      damaged = 0;
      pause(IDLE_NANOS, wanted);
    }
  }

  private synchronized boolean isStopping() {
    return stopping;
  }

  private synchronized long asked() {
    return asked;
  }

  /** Checks some chunks, or waits. */
  private void step() throws InterruptedException {
    long now = wallNanos.getAsLong();
    long wanted = asked();
    if (wanted > Math.max(state.request(), answering)) {
      answering = wanted;
      begin(now);
    } else if (state.complete()) {
      // A clock that was set back must not put the next pass off for longer than a period.
      long sinceBegin = Math.abs(now - state.passBegan());
      if (sinceBegin < settings.period().toNanos()) {
        pause(Math.min(IDLE_NANOS, settings.period().toNanos() - sinceBegin), wanted);
        return;
      }
      begin(now);
    }
    ScrubPage page = ScrubPage.of(store, state.next());
    bytesLeft = page.bytesLeft();
    bytes = page.bytes();
    if (page.replicas().isEmpty()) {
      end(now);
      return;
    }
    for (Replica replica : page.replicas()) {
      if (isStopping() || asked() > wanted) {
        break;
      }
      check(replica, wanted);
      bytesLeft -= replica.length();
      state = state.at(replica.chunkId() + 1);
      progressed();
    }
  }

  private void begin(long now) {
    state = state.beginning(now);
    damaged = 0;
    save(now);
  }

  private void end(long now) {
    state = state.ended(now, answering);
    answering = 0;
    LOG.info("all {} chunks were checked, and {} found damaged", store.count(), damaged);
    save(now);
  }

  private void progressed() {
    long now = wallNanos.getAsLong();
    if (Math.abs(now - savedAt) >= SAVE_NANOS) {
      save(now);
    }
    tell();
  }

  private void save(long now) {
    savedAt = now;
    cursor.save(state);
    tell();
  }

  private synchronized void tell() {
    long left = bytes == 0 ? 0 : Math.max(0, bytesLeft) * 1000 / bytes;
    status =
        ScrubStatus.newBuilder()
            .setLastPassEnded(state.lastPassEnded())
            .setPermille(state.complete() ? 1000 : bytes == 0 ? 0 : (int) (1000 - left))
            .setRequest(state.request())
            .build();
  }

  /** Reads a chunk; the store notes what does not match its checksum, or has no file any more. */
  private void check(Replica replica, long wanted) throws InterruptedException {
    try {
      store.requireFile(replica.chunkId());
    } catch (CairnException e) {
      noteDamage(e);
      return;
    }
    long at = 0;
    while (at < replica.length() && !isStopping()) {
      long began = System.nanoTime();
      int length = (int) Math.min(READ_BYTES, replica.length() - at);
      try (BlockRun run = store.blocks(replica.chunkId(), at, length)) {
        scratch.clear();
        int[] unused = run.read(scratch);
      } catch (CairnException e) {
        noteDamage(e);
        return;
      }
      at += length;
      checkedBytes.add(length);
      pause(debt(length) - (System.nanoTime() - began), wanted);
    }
  }

  /** Any other error is one of the disk, which the store tells; a chunk may have gone. */
  private void noteDamage(CairnException e) {
    if (e.code() == ErrorCode.CORRUPT) {
      damaged++;
      allDamaged.increment();
    }
  }

  /** How long reading so many bytes should take. */
  private long debt(int length) {
    long rate = settings.mostBytesPerSecond();
    if (answering == 0) {
      long sinceBegin = Math.max(0, wallNanos.getAsLong() - state.passBegan());
      rate = settings.bytesPerSecond(bytesLeft, sinceBegin);
    } else if (isAtFullSpeed()) {
      return 0;
    }
    return length * 1_000_000_000L / rate;
  }

  private synchronized boolean isAtFullSpeed() {
    return fullSpeed;
  }

  /** Waits, but not when there is to be stopped, or something else is asked for. */
  private synchronized void pause(long nanos, long wanted) throws InterruptedException {
    long end = System.nanoTime() + nanos;
    long left = nanos;
    while (left > 0 && !stopping && asked == wanted) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = end - System.nanoTime();
    }
  }

  /** Returns when the chunk under way is done with. */
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
    cursor.save(state);
  }
}
