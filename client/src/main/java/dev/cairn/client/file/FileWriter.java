package dev.cairn.client.file;

import dev.cairn.client.ClientThreads;
import dev.cairn.client.Failures;
import dev.cairn.client.buffer.BufferPool;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.WrittenChunk;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what is written to one file and brings it to the chunk servers, in the order it was
 * written, and from there to its {@link Committer}. At most one data thread sends for a file at a
 * time.
 *
 * <p>Bytes that were taken and could not be stored or committed are an error of the file: it stays
 * until an application that wrote, or asks whether all is written, is told of it, once.
 */
final class FileWriter implements ChunkAppender.Acknowledged, Committer.Writing {

  private static final Logger LOG = LoggerFactory.getLogger(FileWriter.class);

  /** Somebody who waits until arenas up to a number are acknowledged. */
  private record Waiter(long arenaNumber, CompletableFuture<Void> done) {}

  private final OpenFile file;
  private final Object lock;
  private final FileContent content;
  private final BufferPool pool;
  private final ClientThreads threads;
  private final DirtyBuffer dirty;
  private final Committer committer;
  private final ChunkAppender appender;
  private final Deque<Waiter> waiters = new ArrayDeque<>();
  private final Deque<CompletableFuture<Void>> idleWaiters = new ArrayDeque<>();
  private CompletableFuture<?> lastWrite = CompletableFuture.completedFuture(null);
  private boolean sending;
  private boolean sealWanted;
  private boolean chunkLost;
  private long sentNumber;
  private long acknowledgedNumber;
  private long dirtySinceNanos;

  /** The last error, and how many there were: whoever was told of one before is not told again. */
  private CairnException lastError;

  private long errors;
  private boolean untold;

  FileWriter(OpenFile file, FileTools tools, FileContent content, int chunkSize, int replicas) {
    this.file = file;
    this.lock = file.lock;
    this.content = content;
    this.pool = tools.pool();
    this.threads = tools.threads();
    this.dirty = new DirtyBuffer(pool, content);
    this.committer = new Committer(file, content, this);
    this.appender = new ChunkAppender(tools.appending(), chunkSize, replicas, this);
  }

  /** Takes the bytes, behind those of earlier writes; done at once unless memory is waited for. */
  CompletableFuture<Integer> write(long offset, ByteBuffer from, boolean unprivileged, long now) {
    return inTurn(() -> takeAt(offset, from, unprivileged, now));
  }

  /**
   * The same for bytes that go to the end of the file.
   *
   * @param assumedOffset where the kernel believes that to be
   */
  CompletableFuture<Integer> append(
      long assumedOffset, ByteBuffer from, boolean unprivileged, long now) {
    return inTurn(() -> takeAppend(assumedOffset, from, unprivileged, now));
  }

  private CompletableFuture<Integer> inTurn(Supplier<CompletableFuture<Integer>> taking) {
    synchronized (lock) {
      CompletableFuture<Integer> written =
          lastWrite.isDone()
              ? taking.get()
              : lastWrite.handle((done, failed) -> null).thenCompose(done -> taking.get());
      if (written.isDone()) {
        return written;
      }
      lastWrite = written;
      // Whoever gives up waiting must not keep the memory from being used that is waited for.
      return written.copy();
    }
  }

  private CompletableFuture<Integer> takeAt(
      long offset, ByteBuffer from, boolean unprivileged, long now) {
    synchronized (lock) {
      if (!untold && content.meetsAppended(offset + from.remaining())) {
        // What was appended before must have its place first.
        return told(sentSoFar(false).thenCompose(done -> committer.commit()))
            .thenCompose(done -> takeAt(offset, from, unprivileged, now));
      }
      CairnException refused = begin(unprivileged, now);
      return refused != null
          ? CompletableFuture.failedFuture(refused)
          : goOn(offset, from, false, from.remaining());
    }
  }

  private CompletableFuture<Integer> takeAppend(
      long assumedOffset, ByteBuffer from, boolean unprivileged, long now) {
    synchronized (lock) {
      if (assumedOffset != content.size()) {
        file.misplacedInKernel();
      }
      CairnException refused = begin(unprivileged, now);
      int length = from.remaining();
      return refused != null
          ? CompletableFuture.failedFuture(refused)
          : goOn(content.takeAppendPosition(length), from, true, length);
    }
  }

  /** Answers why nothing can be written; null when it can. */
  private CairnException begin(boolean unprivileged, long now) {
    if (untold) {
      return tell();
    }
    if (isClean()) {
      // In this order: a session that expires now is replaced first, and fences its files then.
      committer.begin(file.writingIn());
      if (file.isFenced()) {
        return file.fencedError();
      }
      dirtySinceNanos = System.nanoTime();
    }
    committer.wrote(now, unprivileged);
    return null;
  }

  private CompletableFuture<Integer> goOn(
      long offset, ByteBuffer from, boolean append, int length) {
    CompletableFuture<ByteBuffer> memory =
        dirty.take(offset + length - from.remaining(), from, append);
    startSending();
    long before = errors;
    return memory == null
        ? CompletableFuture.completedFuture(length)
        : memory.thenComposeAsync(
            got -> goOn(got, offset, from, append, length, before), threads.ready());
  }

  private CompletableFuture<Integer> goOn(
      ByteBuffer memory, long offset, ByteBuffer from, boolean append, int length, long before) {
    synchronized (lock) {
      if (errors != before) {
        // What was taken of it may be lost, even if others were told since.
        pool.give(memory);
        return CompletableFuture.failedFuture(tell());
      }
      dirty.use(memory);
      return goOn(offset, from, append, length);
    }
  }

  private void startSending() {
    if (!sending && (dirty.hasQueued() || sealWanted)) {
      sending = true;
      threads.writing().execute(this::send);
    }
  }

  /**
   * Runs on a data thread until there is nothing more to send and everything sent is acknowledged.
   */
  private void send() {
    try {
      boolean more = true;
      while (more) {
        more = sendNext();
      }
    } catch (CairnException e) {
      failed(e);
    } catch (RuntimeException | OutOfMemoryError e) {
      // A boundary: neither a bug here nor a want of memory may leave writers waiting for ever.
      LOG.error("sending the bytes of inode {} failed", file.inode(), e);
      failed(ErrorCode.IO.because("writing failed: " + e, e));
    }
  }

  private boolean sendNext() throws CairnException {
    Arena arena;
    boolean seal;
    synchronized (lock) {
      arena = dirty.poll();
      seal = sealWanted && !dirty.hasQueued();
      if (arena != null) {
        sentNumber++;
      }
      sealWanted &= !seal;
      if (chunkLost) {
        chunkLost = false;
        appender.forgetChunk();
      }
    }
    if (arena != null) {
      appender.send(arena, seal);
      return true;
    }
    if (appender.hasUnderWay()) {
      // One at a time: more to send may come while the servers are busy with what they have.
      appender.awaitOldest();
      synchronized (lock) {
        sealWanted |= seal;
      }
      return true;
    }
    appender.finish(seal);
    Deque<CompletableFuture<Void>> idle;
    synchronized (lock) {
      sending = dirty.hasQueued() || sealWanted;
      if (sending) {
        return true;
      }
      idle = takeIdleWaiters();
    }
    idle.forEach(waiter -> waiter.complete(null));
    return false;
  }

  private Deque<CompletableFuture<Void>> takeIdleWaiters() {
    Deque<CompletableFuture<Void>> taken = new ArrayDeque<>(idleWaiters);
    idleWaiters.clear();
    return taken;
  }

  @Override
  public void acknowledged(Arena arena, List<Extent> extents, List<WrittenChunk> chunks) {
    Deque<CompletableFuture<Void>> done = new ArrayDeque<>();
    boolean commitNow;
    synchronized (lock) {
      for (WrittenChunk chunk : chunks) {
        content.wroteTo(chunk.getChunkId(), chunk.getServerIdsList());
      }
      content.acknowledged(arena, extents);
      commitNow = committer.add(extents, chunks, arena.holdsAppends());
      acknowledgedNumber++;
      while (!waiters.isEmpty() && waiters.peek().arenaNumber() <= acknowledgedNumber) {
        done.add(waiters.poll().done());
      }
    }
    pool.give(arena.buffer());
    done.forEach(waiter -> waiter.complete(null));
    if (commitNow) {
      committer.commit();
    }
  }

  @Override
  public void sealed(WrittenChunk chunk) {
    committer.seal(chunk);
  }

  @Override
  public long extendable() {
    synchronized (lock) {
      return content.committedSize() > 0 ? file.inode() : 0;
    }
  }

  private void failed(CairnException e) {
    LOG.warn("inode {}: bytes written could not be stored: {}", file.inode(), e.getMessage());
    Deque<Waiter> failed;
    Deque<CompletableFuture<Void>> idle;
    synchronized (lock) {
      // Before anybody can start sending again: the appender is this thread's until then.
      appender.abandon().forEach(arena -> pool.give(arena.buffer()));
      dirty.drop().forEach(arena -> pool.give(arena.buffer()));
      sentNumber = dirty.queueOpen();
      acknowledgedNumber = sentNumber;
      content.dropUncommitted();
      committer.drop();
      failed = new ArrayDeque<>(waiters);
      waiters.clear();
      idle = takeIdleWaiters();
      sending = false;
      sealWanted = false;
      happened(e);
    }
    failed.forEach(waiter -> waiter.done().completeExceptionally(e));
    idle.forEach(waiter -> waiter.complete(null));
  }

  private void happened(CairnException e) {
    lastError = e;
    errors++;
    untold = true;
  }

  /** The last error, for an application that hears of it. */
  private CairnException tell() {
    untold = false;
    return lastError;
  }

  @Override
  public CairnException error() {
    return untold ? lastError : null;
  }

  @Override
  public void refused(CairnException e) {
    happened(e);
    chunkLost = true;
    if (dirty.isEmpty() && !sending) {
      content.dropUncommitted();
    }
  }

  /**
   * Notes that an application hears of an error, which is then not told again. What fails in the
   * background stays until somebody who can be told comes along.
   */
  private <T> CompletableFuture<T> told(CompletableFuture<T> result) {
    return result.whenComplete(
        (value, failure) -> {
          if (failure != null) {
            synchronized (lock) {
              untold &= lastError != Failures.of(failure);
            }
          }
        });
  }

  /** Done when everything written before is acknowledged by the chunk servers. */
  private CompletableFuture<Void> sent(boolean seal) {
    synchronized (lock) {
      if (untold) {
        return CompletableFuture.failedFuture(lastError);
      }
      if (!lastWrite.isDone()) {
        return lastWrite.handle((done, failed) -> null).thenCompose(done -> sent(seal));
      }
      return sentSoFar(seal);
    }
  }

  /** The same for what is taken already: whoever is about to write must not wait for himself. */
  private CompletableFuture<Void> sentSoFar(boolean seal) {
    synchronized (lock) {
      long number = dirty.queueOpen();
      sealWanted |= seal;
      CompletableFuture<Void> done = new CompletableFuture<>();
      if (number <= acknowledgedNumber) {
        done.complete(null);
      } else {
        waiters.add(new Waiter(number, done));
      }
      startSending();
      return done;
    }
  }

  /** Done when everything written before is committed; nobody hears of an error yet. */
  CompletableFuture<Void> writeBack(boolean seal) {
    synchronized (lock) {
      if (!untold && isClean() && !(seal && appender.hasOpenChunk())) {
        return CompletableFuture.completedFuture(null);
      }
    }
    return sent(seal).thenCompose(done -> committer.commit());
  }

  /**
   * Done when there is nothing left to send, to seal or to commit, or it failed: at the last close,
   * when nobody can be told any more.
   */
  CompletableFuture<Void> finish() {
    return writeBack(true)
        .handle((done, failed) -> null)
        .thenCompose(done -> idle())
        .thenCompose(done -> commitsEnded());
  }

  private CompletableFuture<Void> idle() {
    synchronized (lock) {
      CompletableFuture<Void> idle = new CompletableFuture<>();
      if (sending) {
        idleWaiters.add(idle);
      } else {
        idle.complete(null);
      }
      return idle;
    }
  }

  private CompletableFuture<Void> commitsEnded() {
    synchronized (lock) {
      return committer.ended();
    }
  }

  /** The same as {@link #writeBack}, for an application that waits. */
  CompletableFuture<Void> flush(boolean seal) {
    return told(writeBack(seal));
  }

  /** Done when everything written before is forced to the disks of servers and master. */
  CompletableFuture<Void> fsync(ReplicaSync sync) {
    return told(sent(false).thenComposeAsync(done -> committer.force(sync), threads.ready()));
  }

  /** Whether nothing is written, sent, or about to be sealed. Needs the lock. */
  boolean isIdle() {
    return isClean() && !sending;
  }

  /** Whether nothing is written that is not committed. Needs the lock. */
  boolean isClean() {
    return dirty.isEmpty()
        && committer.isIdle()
        && lastWrite.isDone()
        && acknowledgedNumber == sentNumber;
  }

  /** When the oldest uncommitted byte was written; meaningful unless clean. Needs the lock. */
  long dirtySinceNanos() {
    return dirtySinceNanos;
  }

  /** What of it is being committed. */
  Committer committer() {
    return committer;
  }
}
