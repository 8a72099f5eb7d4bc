package dev.cairn.client.file;

import dev.cairn.client.Failures;
import dev.cairn.client.buffer.BufferPool;
import dev.cairn.client.master.Hold;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.CommitReply;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.WrittenChunk;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what is written to one file and brings it to the chunk servers and the master, in the order
 * it was written. At most one data thread sends for a file at a time, and at most one commit is
 * under way.
 */
final class FileWriter implements ChunkAppender.Acknowledged {

  private static final Logger LOG = LoggerFactory.getLogger(FileWriter.class);

  /** Somebody who waits until arenas up to a number are acknowledged. */
  private record Waiter(long arenaNumber, CompletableFuture<Void> done) {}

  private final OpenFile file;
  private final Object lock;
  private final FileContent content;
  private final BufferPool pool;
  private final Executor dataThreads;
  private final DirtyBuffer dirty;
  private final PendingCommit pending = new PendingCommit();
  private final ChunkAppender appender;
  private final Deque<Waiter> waiters = new ArrayDeque<>();
  private final Deque<CompletableFuture<Void>> idleWaiters = new ArrayDeque<>();
  private CompletableFuture<?> lastWrite = CompletableFuture.completedFuture(null);
  private CompletableFuture<Void> lastCommit = CompletableFuture.completedFuture(null);
  private boolean committing;
  private boolean appending;
  private boolean sending;
  private boolean sealWanted;
  private boolean chunkLost;
  private boolean committingDropped;
  private long sentNumber;
  private long acknowledgedNumber;
  private long dirtySinceNanos;
  private long mtime;
  // Somebody unprivileged wrote: the next commit is to clear set-id bits, the one under way clears
  // them.
  private boolean clearSetIdBits;
  private boolean clearingSetIdBits;
  private CairnException error;

  /** The session and the lease in which what is not committed was written. */
  private CompletableFuture<Hold> writtenIn;

  FileWriter(OpenFile file, FileTools tools, FileContent content, int chunkSize, int replicas) {
    this.file = file;
    this.lock = file.lock;
    this.content = content;
    this.pool = tools.pool();
    this.dataThreads = tools.dataThreads();
    this.dirty = new DirtyBuffer(pool, content);
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
      if (!written.isDone()) {
        lastWrite = written;
      }
      return written;
    }
  }

  private CompletableFuture<Integer> takeAt(
      long offset, ByteBuffer from, boolean unprivileged, long now) {
    synchronized (lock) {
      if (error == null && content.meetsAppended(offset + from.remaining())) {
        // What was appended before must have its place first.
        return told(sentSoFar(false).thenCompose(done -> commit()))
            .thenCompose(done -> takeAt(offset, from, unprivileged, now));
      }
      return take(offset, from, false, unprivileged, now);
    }
  }

  private CompletableFuture<Integer> takeAppend(
      long assumedOffset, ByteBuffer from, boolean unprivileged, long now) {
    synchronized (lock) {
      if (assumedOffset != content.size()) {
        file.misplacedInKernel();
      }
      long position = content.takeAppendPosition(from.remaining());
      return take(position, from, true, unprivileged, now);
    }
  }

  private CompletableFuture<Integer> take(
      long offset, ByteBuffer from, boolean append, boolean unprivileged, long now) {
    if (error != null) {
      return CompletableFuture.failedFuture(takeError());
    }
    if (isClean()) {
      // In this order: a session that expires now is replaced first, and fences its files then.
      writtenIn = file.writingIn();
      if (file.isFenced()) {
        return CompletableFuture.failedFuture(file.fencedError());
      }
      dirtySinceNanos = System.nanoTime();
    }
    mtime = now;
    clearSetIdBits |= unprivileged;
    return goOn(offset, from, append, from.remaining());
  }

  private CompletableFuture<Integer> goOn(
      long offset, ByteBuffer from, boolean append, int length) {
    CompletableFuture<ByteBuffer> memory =
        dirty.take(offset + length - from.remaining(), from, append);
    startSending();
    return memory == null
        ? CompletableFuture.completedFuture(length)
        : memory.thenComposeAsync(got -> goOn(got, offset, from, append, length), dataThreads);
  }

  private CompletableFuture<Integer> goOn(
      ByteBuffer memory, long offset, ByteBuffer from, boolean append, int length) {
    synchronized (lock) {
      if (error != null) {
        pool.give(memory);
        return CompletableFuture.failedFuture(takeError());
      }
      dirty.use(memory);
      return goOn(offset, from, append, length);
    }
  }

  private void startSending() {
    if (!sending && (dirty.hasQueued() || sealWanted)) {
      sending = true;
      dataThreads.execute(this::send);
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
    } catch (RuntimeException e) {
      // A boundary: a bug here must not leave writers waiting for ever.
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
      pending.add(extents, chunks, arena.holdsAppends());
      acknowledgedNumber++;
      while (!waiters.isEmpty() && waiters.peek().arenaNumber() <= acknowledgedNumber) {
        done.add(waiters.poll().done());
      }
      commitNow = !committing && pending.size() >= PendingCommit.MOST_EXTENTS / 2;
    }
    pool.give(arena.buffer());
    done.forEach(waiter -> waiter.complete(null));
    if (commitNow) {
      commit();
    }
  }

  @Override
  public void sealed(WrittenChunk chunk) {
    synchronized (lock) {
      if (!pending.seal(chunk)) {
        CompletableFuture<Hold> in = writtenIn;
        lastCommit =
            lastCommit.handle((done, failed) -> null).thenCompose(done -> tellSealed(chunk, in));
      }
    }
  }

  /**
   * Tells the master of a seal behind the chunk's last commit. That is no change of the file, and
   * needs no lease of it; if it fails, the master seals the chunk when the session ends.
   */
  private CompletableFuture<Void> tellSealed(WrittenChunk chunk, CompletableFuture<Hold> in) {
    CommitRequest.Builder request =
        CommitRequest.newBuilder().setInode(file.inode()).addChunks(chunk);
    return file.tools()
        .master()
        .commit(request, in.thenApply(hold -> new Hold(hold.session(), 0)))
        .handle(
            (reply, failure) -> {
              if (failure != null) {
                LOG.debug("the seal of chunk {} was not heard", chunk.getChunkId(), failure);
              }
              return null;
            });
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
      committingDropped = committing;
      pending.clear();
      failed = new ArrayDeque<>(waiters);
      waiters.clear();
      idle = takeIdleWaiters();
      sending = false;
      sealWanted = false;
      error = e;
    }
    failed.forEach(waiter -> waiter.done().completeExceptionally(e));
    idle.forEach(waiter -> waiter.complete(null));
  }

  private CairnException takeError() {
    CairnException taken = error;
    error = null;
    return taken;
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
              if (error == Failures.of(failure)) {
                error = null;
              }
            }
          }
        });
  }

  /** Done when everything written before is acknowledged by the chunk servers. */
  private CompletableFuture<Void> sent(boolean seal) {
    synchronized (lock) {
      if (error != null) {
        return CompletableFuture.failedFuture(error);
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
      if (error == null && isClean() && !(seal && appender.hasOpenChunk())) {
        return CompletableFuture.completedFuture(null);
      }
    }
    return sent(seal).thenCompose(done -> commit());
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
      return lastCommit.handle((done, failed) -> null);
    }
  }

  /** The same, for an application that waits. */
  CompletableFuture<Void> flush(boolean seal) {
    return told(writeBack(seal));
  }

  /** Done when everything written before is forced to the disks of servers and master. */
  CompletableFuture<Void> fsync(ReplicaSync sync) {
    return told(synced(sync));
  }

  private CompletableFuture<Void> synced(ReplicaSync sync) {
    return sent(false)
        .thenComposeAsync(
            done -> {
              Map<Long, List<Integer>> chunks;
              synchronized (lock) {
                chunks = pending.unsynced();
              }
              return forced(sync, chunks).thenApply(lost -> new Forced(chunks, lost));
            },
            dataThreads)
        .thenCompose(
            forced -> {
              synchronized (lock) {
                pending.synced(forced.chunks());
                forced
                    .lost()
                    .forEach(replica -> pending.lost(replica.chunkId(), replica.serverId()));
              }
              return commit();
            });
  }

  private record Forced(Map<Long, List<Integer>> chunks, List<ReplicaSync.LostReplica> lost) {}

  private CompletableFuture<List<ReplicaSync.LostReplica>> forced(
      ReplicaSync sync, Map<Long, List<Integer>> chunks) {
    return sync.start(chunks)
        .handle(
            (lost, failure) ->
                failure == null
                    ? CompletableFuture.completedFuture(lost)
                    : forcedElsewhere(sync, chunks))
        .thenCompose(result -> result);
  }

  /**
   * Forces what is not committed where it was written, and what is where it is by now: chunks that
   * were committed some time ago may be gone, since their bytes were written into new ones.
   */
  private CompletableFuture<List<ReplicaSync.LostReplica>> forcedElsewhere(
      ReplicaSync sync, Map<Long, List<Integer>> chunks) {
    Map<Long, List<Integer>> uncommitted = new LinkedHashMap<>(chunks);
    CompletableFuture<Void> underWay;
    synchronized (lock) {
      uncommitted.keySet().retainAll(pending.uncommitted());
      underWay = lastCommit.handle((done, failed) -> null);
    }
    return sync.start(uncommitted)
        .thenCombine(underWay, (lost, done) -> lost)
        .thenCompose(lost -> file.forceCommitted(sync).thenApply(done -> lost));
  }

  /** Commits what is acknowledged, behind the commits under way. */
  private CompletableFuture<Void> commit() {
    synchronized (lock) {
      committing = true;
      lastCommit = lastCommit.handle((done, failed) -> null).thenCompose(done -> commitPending());
      return lastCommit;
    }
  }

  private CompletableFuture<Void> commitPending() {
    PendingCommit.Batch batch;
    CommitRequest.Builder request;
    CompletableFuture<Hold> in;
    synchronized (lock) {
      if (error != null) {
        // What there was to commit went with a commit that was refused meanwhile.
        committing = false;
        return CompletableFuture.failedFuture(error);
      }
      if (pending.isEmpty()) {
        committing = false;
        return CompletableFuture.completedFuture(null);
      }
      batch = pending.take();
      request =
          CommitRequest.newBuilder()
              .setInode(file.inode())
              .addAllExtents(batch.placed())
              .addAllChunks(batch.chunks())
              .setSizeAtLeast(batch.end())
              .setAppend(batch.append())
              .setMtime(mtime)
              .setClearSetIdBits(clearSetIdBits);
      clearingSetIdBits = clearSetIdBits;
      clearSetIdBits = false;
      appending = batch.append();
      in = writtenIn;
    }
    return file.tools()
        .master()
        .commit(request, in)
        .handle(
            (reply, failure) -> {
              if (failure == null) {
                committed(batch, reply);
                return commitPending();
              }
              CairnException refused = Failures.of(failure);
              refused(refused);
              if (refused.code() == ErrorCode.LEASE_LOST) {
                file.tools().leasing().lost(file.inode(), in.join().lease());
              }
              return CompletableFuture.<Void>failedFuture(refused);
            })
        .thenCompose(next -> next);
  }

  private void committed(PendingCommit.Batch batch, CommitReply reply) {
    synchronized (lock) {
      clearingSetIdBits = false;
      if (committingDropped) {
        // Where these bytes are was forgotten when others could not be stored.
        committingDropped = false;
        content.forgetBase();
      }
      if (!batch.append()) {
        content.committed(batch.extents());
        file.changedHere(reply.getAttributes());
        return;
      }
      boolean moved = reply.getAppendOffset() != content.appendOffset();
      content.committedAppends(batch.extents(), reply.getAppendOffset());
      file.changedHere(reply.getAttributes());
      appending = false;
      file.appendAnswered();
      if (moved) {
        file.misplacedInKernel();
      }
    }
  }

  /** The master did not take a commit: what it was to publish is lost to this file. */
  private void refused(CairnException e) {
    LOG.warn("inode {}: a commit was refused: {}", file.inode(), e.getMessage());
    synchronized (lock) {
      error = e;
      chunkLost = true;
      committing = false;
      committingDropped = false;
      clearingSetIdBits = false;
      pending.clear();
      content.dropStoredAppends();
      if (appending) {
        appending = false;
        file.appendAnswered();
      }
      if (dirty.isEmpty() && !sending) {
        content.dropUncommitted();
      }
      content.forgetBase();
    }
  }

  /** Whether nothing is written, sent, or about to be sealed. Needs the lock. */
  boolean isIdle() {
    return isClean() && !sending;
  }

  /** Whether nothing is written that is not committed. Needs the lock. */
  boolean isClean() {
    return dirty.isEmpty()
        && !committing
        && pending.isEmpty()
        && lastWrite.isDone()
        && acknowledgedNumber == sentNumber;
  }

  /**
   * Whether an append is being committed: the file may have grown by it already. Needs the lock.
   */
  boolean isAppending() {
    return appending;
  }

  /** Whether what is written and not committed takes set-id bits away. Needs the lock. */
  boolean clearsSetIdBits() {
    return clearSetIdBits || clearingSetIdBits;
  }

  /** When the oldest uncommitted byte was written; meaningful unless clean. Needs the lock. */
  long dirtySinceNanos() {
    return dirtySinceNanos;
  }

  /**
   * The time of the last write, nanoseconds since 1970; meaningful unless clean. Needs the lock.
   */
  long mtime() {
    return mtime;
  }
}
