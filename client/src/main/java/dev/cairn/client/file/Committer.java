package dev.cairn.client.file;

import dev.cairn.client.Failures;
import dev.cairn.client.master.Hold;
import dev.cairn.rpc.Retry;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.CommitReply;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.SealRequest;
import dev.cairn.rpc.proto.WrittenChunk;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the master publish what the chunk servers have acknowledged of one file, in the order it was
 * written. At most one commit is under way; what is acknowledged meanwhile goes into the next. All
 * of it belongs to the session, and the lease, in which the file was written.
 */
final class Committer {

  private static final Logger LOG = LoggerFactory.getLogger(Committer.class);

  private static final Retry.Pauses SYNC_PAUSES =
      new Retry.Pauses(Duration.ofMillis(200), Duration.ofSeconds(2));

  /** The writer whose bytes are committed. Both methods are called with the file's lock. */
  interface Writing {

    /** Why bytes that were written are lost, as long as no application was told; null: none are. */
    CairnException error();

    /** The master did not take a commit: what it was to publish is lost to this file. */
    void refused(CairnException e);
  }

  private final OpenFile file;
  private final Object lock;
  private final FileContent content;
  private final Writing writing;
  private final PendingCommit pending = new PendingCommit();

  /** Parts of a commit that was too great for the master, in their order. */
  private final Deque<PendingCommit.Batch> parts = new ArrayDeque<>();

  private CompletableFuture<Void> lastCommit = CompletableFuture.completedFuture(null);
  private boolean committing;
  private boolean appending;

  /** What is being committed was dropped here, with what could not be stored. */
  private boolean dropped;

  private long mtime;

  // Somebody unprivileged wrote: the next commit is to clear set-id bits, the one under way clears
  // them.
  private boolean clearSetIdBits;
  private boolean clearingSetIdBits;

  /** The session and the lease in which what is not committed was written. */
  private CompletableFuture<Hold> writtenIn;

  Committer(OpenFile file, FileContent content, Writing writing) {
    this.file = file;
    this.lock = file.lock;
    this.content = content;
    this.writing = writing;
  }

  /** What is written from now on, until all of it is committed, is written in that. */
  void begin(CompletableFuture<Hold> in) {
    writtenIn = in;
  }

  /** Something was written, which a commit is to say. Needs the lock. */
  void wrote(long now, boolean unprivileged) {
    mtime = now;
    clearSetIdBits |= unprivileged;
  }

  /** Bytes are acknowledged; answers whether they are enough for a commit. Needs the lock. */
  boolean add(List<Extent> extents, List<WrittenChunk> chunks, boolean append) {
    pending.add(extents, chunks, append);
    return !committing && pending.size() >= PendingCommit.MOST_EXTENTS / 2;
  }

  /** A chunk is sealed: the master hears of it with bytes that are in it, or behind them. */
  void seal(WrittenChunk chunk) {
    synchronized (lock) {
      if (!pending.seal(chunk)) {
        CompletableFuture<Hold> in = writtenIn;
        lastCommit = ended().thenCompose(done -> tellSealed(chunk, in));
      }
    }
  }

  /**
   * Tells the master of a seal behind the chunk's last commit. If it fails, the master seals the
   * chunk when the session ends.
   */
  private CompletableFuture<Void> tellSealed(WrittenChunk chunk, CompletableFuture<Hold> in) {
    return file.tools()
        .master()
        .seal(SealRequest.newBuilder().setInode(file.inode()).setChunk(chunk), in)
        .handle(
            (reply, failure) -> {
              if (failure != null) {
                LOG.debug("the seal of chunk {} was not heard", chunk.getChunkId(), failure);
              }
              return null;
            });
  }

  /** Commits what is acknowledged, behind the commits under way. */
  CompletableFuture<Void> commit() {
    synchronized (lock) {
      committing = true;
      lastCommit = ended().thenCompose(done -> commitPending());
      return lastCommit;
    }
  }

  /** Forces what is acknowledged to the disks of its servers, then commits it. */
  CompletableFuture<Void> force(ReplicaSync sync) {
    Map<Long, List<Integer>> chunks;
    synchronized (lock) {
      chunks = pending.unsynced();
    }
    return forced(sync, chunks)
        .thenCompose(
            lost -> {
              synchronized (lock) {
                pending.synced(chunks);
                lost.forEach(replica -> pending.lost(replica.chunkId(), replica.serverId()));
              }
              return commit();
            });
  }

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
      underWay = ended();
    }
    FileTools tools = file.tools();
    Retry retry = new Retry(SYNC_PAUSES, tools.patience());
    return retry
        .run(
            tools.timer()::after,
            () -> sync.start(uncommitted),
            failure -> mayBeForcedLater(Failures.of(failure), retry))
        .whenComplete((lost, failure) -> tools.servers().goesOn(retry))
        .thenCombine(underWay, (lost, done) -> lost)
        .thenCompose(lost -> file.forceCommitted(sync).thenApply(done -> lost));
  }

  private boolean mayBeForcedLater(CairnException failure, Retry retry) {
    FileTools tools = file.tools();
    boolean may = failure.code() == ErrorCode.UNREACHABLE;
    if (may) {
      tools.servers().awaited(retry, failure, retry.waited(), tools.patience());
    }
    return may;
  }

  private CompletableFuture<Void> commitPending() {
    PendingCommit.Batch batch;
    CommitRequest.Builder request;
    CompletableFuture<Hold> in;
    synchronized (lock) {
      CairnException error = writing.error();
      if (error != null) {
        // What there was to commit went with a commit that was refused meanwhile.
        committing = false;
        return CompletableFuture.failedFuture(error);
      }
      if (pending.isEmpty() && parts.isEmpty()) {
        committing = false;
        return CompletableFuture.completedFuture(null);
      }
      batch = parts.isEmpty() ? pending.take() : parts.poll();
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
              if (refused.code() == ErrorCode.TOO_MANY_EXTENTS && halve(batch)) {
                return commitPending();
              }
              refused(refused);
              if (refused.code() == ErrorCode.LEASE_LOST) {
                file.tools().leasing().lost(file.inode(), in.join().lease());
              }
              return CompletableFuture.<Void>failedFuture(refused);
            })
        .thenCompose(next -> next);
  }

  /**
   * Has a commit made in two: it hides more extents than one may. Returns false when it cannot be,
   * or when it was dropped meanwhile.
   */
  private boolean halve(PendingCommit.Batch batch) {
    synchronized (lock) {
      if (dropped || !batch.canBeHalved()) {
        return false;
      }
      clearSetIdBits |= clearingSetIdBits;
      List<PendingCommit.Batch> halves = batch.halves();
      parts.addFirst(halves.get(1));
      parts.addFirst(halves.get(0));
      return true;
    }
  }

  private void committed(PendingCommit.Batch batch, CommitReply reply) {
    synchronized (lock) {
      clearingSetIdBits = false;
      if (dropped) {
        // Where these bytes are was forgotten when others could not be stored.
        dropped = false;
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

  private void refused(CairnException e) {
    LOG.warn("inode {}: a commit was refused: {}", file.inode(), e.getMessage());
    synchronized (lock) {
      committing = false;
      dropped = false;
      clearingSetIdBits = false;
      pending.clear();
      parts.clear();
      content.dropStoredAppends();
      if (appending) {
        appending = false;
        file.appendAnswered();
      }
      writing.refused(e);
      content.forgetBase();
    }
  }

  /** Forgets what is not being committed yet: bytes before it could not be stored. */
  void drop() {
    dropped = committing;
    pending.clear();
    parts.clear();
  }

  /** Done when the commits asked for so far have ended, however they did. Needs the lock. */
  CompletableFuture<Void> ended() {
    return lastCommit.handle((done, failed) -> null);
  }

  /** Whether there is nothing to commit, and no commit under way. Needs the lock. */
  boolean isIdle() {
    return !committing && pending.isEmpty() && parts.isEmpty();
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

  /** The time of the last write, nanoseconds since 1970. Needs the lock. */
  long mtime() {
    return mtime;
  }
}
