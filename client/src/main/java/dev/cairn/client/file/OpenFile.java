package dev.cairn.client.file;

import dev.cairn.client.Failures;
import dev.cairn.client.master.Hold;
import dev.cairn.client.master.Master;
import dev.cairn.client.master.Registration;
import dev.cairn.client.vfs.Vfs.Locked;
import dev.cairn.rpc.Retry;
import dev.cairn.rpc.SetIdBits;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.ExtentMap;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** One inode this client has open, shared by all its handles. */
final class OpenFile {

  /** Of a file that was never written. */
  private static final long FIRST_VERSION = 1;

  /** Chunks that are not forced twice in one fsync, though many parts of the file are in them. */
  private static final int MOST_REMEMBERED_FORCED = 1 << 16;

  /** Servers that answer, and do not have the chunk, may just not be those that have it now. */
  private static final Duration LOCATION_PATIENCE = Duration.ofSeconds(6);

  private static final Retry.Pauses LOCATION_PAUSES =
      new Retry.Pauses(Duration.ofMillis(200), Duration.ofSeconds(2));

  /** Guards everything the file is made of; see the package. */
  final Object lock = new Object();

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final FileTools tools;
  private final KernelVersions kernelVersions;
  private final FileContent content;
  private final FileReader reader;
  private final FileWriter writer;
  private final LockHolders locks = new LockHolders();
  private volatile boolean fenced;
  private volatile boolean openedToWrite;
  private Attributes attributes;
  private int handles;
  private boolean flushedBefore;

  /**
   * The newest attributes that came while an append was being committed: whether they count it, and
   * so where the file ends for this client, only the answer to the commit tells.
   */
  private Attributes heldBack;

  /**
   * States of the file that others may have written, one at each open, and how many of them are
   * forced to disks.
   */
  private long foreignStates = 1;

  private long foreignStatesForced;

  /** The session in which the file was made or changed here since it was forced; or null. */
  private CompletableFuture<Registration> changedIn;

  OpenFile(FileTools tools, KernelVersions kernelVersions, Attributes attributes) {
    this.tools = tools;
    this.kernelVersions = kernelVersions;
    this.attributes = attributes;
    this.content = new FileContent(tools.extents().share(this::forgetExtents));
    this.reader = new FileReader(this, tools, content);
    this.writer =
        new FileWriter(this, tools, content, attributes.getChunkSize(), attributes.getReplicas());
    content.committedSize(attributes.getSize());
  }

  long inode() {
    return attributes.getInode();
  }

  /** Needs the lock. */
  long dataVersion() {
    return attributes.getDataVersion();
  }

  int chunkSize() {
    return attributes.getChunkSize();
  }

  FileTools tools() {
    return tools;
  }

  /** Others need the memory. */
  private void forgetExtents() {
    synchronized (lock) {
      content.forgetBase();
    }
  }

  /** A new file: nothing is in it. */
  void created() {
    synchronized (lock) {
      if (attributes.getDataVersion() == FIRST_VERSION) {
        content.isEmpty();
        foreignStatesForced = foreignStates;
        changedIn = tools.master().session();
      }
    }
  }

  /** What the master answered to an open. */
  void opened(Attributes fresh, ExtentMap map) {
    synchronized (lock) {
      if (writer.committer().isAppending()) {
        holdBack(fresh);
      } else if (fresh.getDataVersion() >= attributes.getDataVersion()) {
        foreignStates++;
        attributes = fresh;
        content.committedSize(fresh.getSize());
        content.forgetBase();
        content.learn(0, map);
      }
    }
  }

  /** Attributes the master gave for another reason: extents are stale when the content changed. */
  Attributes seen(Attributes fresh) {
    synchronized (lock) {
      if (writer.committer().isAppending()) {
        holdBack(fresh);
      } else {
        learn(fresh);
      }
      return visible(fresh);
    }
  }

  /** Whatever the master says next counts, even of a version that it seems to have had before. */
  void masterRestarted() {
    synchronized (lock) {
      attributes = attributes.toBuilder().setDataVersion(0).build();
      content.forgetBase();
    }
  }

  private void learn(Attributes fresh) {
    if (fresh.getDataVersion() > attributes.getDataVersion()) {
      foreignStates++;
      content.forgetBase();
      content.committedSize(fresh.getSize());
      attributes = fresh;
    } else if (fresh.getDataVersion() == attributes.getDataVersion()) {
      attributes = fresh;
    }
  }

  private void holdBack(Attributes fresh) {
    if (heldBack == null || fresh.getDataVersion() >= heldBack.getDataVersion()) {
      heldBack = fresh;
    }
  }

  /** The master answered an append, for better or worse. Needs the lock. */
  void appendAnswered() {
    if (heldBack != null) {
      learn(heldBack);
      heldBack = null;
    }
  }

  /** The kernel took bytes for those of another place than they have. Needs the lock. */
  void misplacedInKernel() {
    kernelVersions.misplaced(inode());
  }

  /**
   * A change this client made itself: what its kernel has of the file is still right. Needs the
   * lock.
   */
  void changedHere(Attributes fresh) {
    boolean onlyHere = fresh.getDataVersion() <= attributes.getDataVersion() + 1;
    if (!onlyHere) {
      foreignStates++;
      content.forgetBase();
    }
    if (fresh.getDataVersion() >= attributes.getDataVersion()) {
      attributes = fresh;
      content.committedSize(fresh.getSize());
    }
    kernelVersions.changed(inode(), fresh.getDataVersion());
    if (changedIn == null) {
      changedIn = writingIn().thenApply(Hold::session);
    }
  }

  /** Extents changed other than by writing: they are asked for again. */
  Attributes replaced(Attributes fresh) {
    synchronized (lock) {
      changedHere(fresh);
      content.forgetBase();
      return visible(fresh);
    }
  }

  /** The attributes with what is written and not committed. Needs the lock. */
  private Attributes visible(Attributes committed) {
    if (writer.isClean()) {
      return committed;
    }
    int permissions = committed.getPermissions();
    return committed.toBuilder()
        .setPermissions(
            writer.committer().clearsSetIdBits() ? SetIdBits.clear(permissions) : permissions)
        .setSize(Math.max(committed.getSize(), content.size()))
        .setMtime(writer.committer().mtime())
        .setCtime(Math.max(committed.getCtime(), writer.committer().mtime()))
        .build();
  }

  CompletableFuture<Integer> read(long offset, ByteBuffer into, ReadAhead readAhead) {
    return reader.read(offset, into, readAhead);
  }

  CompletableFuture<Integer> write(long offset, ByteBuffer from, boolean clearSetIdBits) {
    if (offset < 0 || offset + from.remaining() < 0) {
      return CompletableFuture.failedFuture(
          ErrorCode.FILE_TOO_BIG.because("a file ends before byte 2^63"));
    }
    return writer.write(offset, from, clearSetIdBits, now());
  }

  CompletableFuture<Integer> append(long assumedOffset, ByteBuffer from, boolean clearSetIdBits) {
    return writer.append(assumedOffset, from, clearSetIdBits, now());
  }

  private static long now() {
    java.time.Instant now = java.time.Instant.now();
    return now.getEpochSecond() * NANOS_PER_SECOND + now.getNano();
  }

  LockHolders locks() {
    return locks;
  }

  /**
   * Commits what is written. The caller hears of an error, but whoever wrote is still to be told.
   */
  CompletableFuture<Void> commitNow() {
    return writer.writeBack(false);
  }

  /** The same, behind which little is written: the chunk is sealed, as at close(2). */
  CompletableFuture<Void> commitAll() {
    return writer.writeBack(sealsNow());
  }

  /**
   * The lease that this client had of the file is over, or the session in which it had locks has
   * expired: somebody else may have them. All handles there are become useless.
   */
  void fence() {
    fenced = true;
    synchronized (lock) {
      content.forgetBase();
      misplacedInKernel();
    }
  }

  boolean isFenced() {
    return fenced;
  }

  CairnException fencedError() {
    return ErrorCode.IO.because(
        "a lock or lease of inode " + inode() + " was lost: open the file again");
  }

  /**
   * What entitles to write now: the lease or the locks that this client has of the file, in their
   * session, even when that has been replaced a moment ago.
   */
  CompletableFuture<Hold> writingIn() {
    Hold held = held();
    return held == null
        ? tools.master().session().thenApply(session -> new Hold(session, 0))
        : CompletableFuture.completedFuture(held);
  }

  /** The lease that this client has of the file, or the session of its locks; null: neither. */
  Hold held() {
    Hold leased = tools.leasing().hold(inode());
    Registration locked = locks.session();
    return leased != null || locked == null ? leased : new Hold(locked, 0);
  }

  /** For writing; stays so until the file is given up. */
  void openedToWrite() {
    openedToWrite = true;
  }

  boolean isOpenedToWrite() {
    return openedToWrite;
  }

  /** A lease was taken: this is the file that it protects. */
  void leased(Attributes fresh) {
    synchronized (lock) {
      if (locked(fresh).pagesStale()) {
        misplacedInKernel();
      }
    }
  }

  /** A lock was granted: this is the file that it protects. */
  Locked locked(Attributes fresh) {
    synchronized (lock) {
      var unused = seen(fresh);
      KernelVersions.Opening known = kernelVersions.opened(inode(), attributes.getDataVersion());
      // The binding has the kernel drop them before it grants the lock.
      kernelVersions.dropped(inode(), attributes.getDataVersion());
      return new Locked(!known.pagesAreRight(), !known.attributesAreRight());
    }
  }

  /** At close(2). The first one seals the chunk: most files are written once. */
  CompletableFuture<Void> close() {
    return writer.flush(sealsNow());
  }

  private boolean sealsNow() {
    synchronized (lock) {
      boolean seal = !flushedBefore && !writer.isClean();
      flushedBefore |= seal;
      return seal;
    }
  }

  /** At the last release: nobody can be told of an error any more. */
  CompletableFuture<Void> finish() {
    return writer.finish();
  }

  CompletableFuture<Void> fsync() {
    ReplicaSync sync = new ReplicaSync(tools);
    return writer
        .fsync(sync)
        .thenCompose(done -> forceForeign(sync))
        .thenCompose(done -> forceMetadata());
  }

  /** What was changed in a session that has expired since may be lost: that is told once. */
  private CompletableFuture<Void> forceMetadata() {
    CompletableFuture<Registration> in;
    synchronized (lock) {
      in = changedIn;
      changedIn = null;
    }
    Master master = tools.master();
    CompletableFuture<Void> forced = in == null ? master.force() : master.force(in);
    return forced.whenComplete(
        (done, error) -> {
          if (error != null && Failures.of(error).code() != ErrorCode.SESSION_EXPIRED) {
            synchronized (lock) {
              changedIn = in;
            }
          }
        });
  }

  private CompletableFuture<Void> forceForeign(ReplicaSync sync) {
    long states;
    synchronized (lock) {
      states = foreignStates;
      if (foreignStatesForced >= states) {
        return CompletableFuture.completedFuture(null);
      }
    }
    return forceAll(sync)
        .thenAccept(
            forced -> {
              synchronized (lock) {
                foreignStatesForced = Math.max(foreignStatesForced, states);
              }
            });
  }

  /** Forces what is committed, as the master says it is now. */
  CompletableFuture<Void> forceCommitted(ReplicaSync sync) {
    synchronized (lock) {
      content.forgetBase();
    }
    return forceAll(sync);
  }

  /**
   * Forces all chunks where they are by now, those of some extents after the other. Right after its
   * start a master may know of no replica, or only of one that is gone since, and servers may be
   * away: the master is asked again.
   */
  private CompletableFuture<Void> forceAll(ReplicaSync sync) {
    Retry retry = new Retry(LOCATION_PAUSES, tools.patience());
    return forceFrom(0, sync, new HashSet<>(), retry)
        .whenComplete((done, failure) -> tools.servers().goesOn(retry));
  }

  private CompletableFuture<Void> forceFrom(
      long from, ReplicaSync sync, Set<Long> forced, Retry retry) {
    Map<Long, List<Integer>> chunks = new LinkedHashMap<>();
    long at = from;
    boolean unknown = false;
    boolean lost;
    synchronized (lock) {
      long size = content.size();
      while (at < size && chunks.isEmpty() && !unknown) {
        long end = content.knownEnd(at, size);
        chunks.putAll(content.chunks(at, end));
        chunks.keySet().removeAll(forced);
        unknown = end == at;
        at = end;
      }
      lost =
          content.parts(from, at).stream()
              .anyMatch(part -> part.place() != null && part.place().lost());
    }
    if (chunks.isEmpty() && !unknown) {
      return CompletableFuture.completedFuture(null);
    }
    long next = at;
    CompletableFuture<?> step = chunks.isEmpty() ? reader.load(at) : sync.start(chunks);
    return step.handle(
            (done, error) -> {
              if (error == null) {
                if (forced.size() < MOST_REMEMBERED_FORCED) {
                  forced.addAll(chunks.keySet());
                }
                retry.progressed();
                return forceFrom(next, sync, forced, retry);
              }
              if (!mayBeForcedLater(Failures.of(error), lost, retry)) {
                return CompletableFuture.<Void>failedFuture(error);
              }
              forgetExtents();
              CompletableFuture<Void> paused = new CompletableFuture<>();
              tools.timer().after(retry.nextPause(), () -> paused.complete(null));
              return paused.thenCompose(go -> forceFrom(from, sync, forced, retry));
            })
        .thenCompose(result -> result);
  }

  private boolean mayBeForcedLater(CairnException failure, boolean lost, Retry retry) {
    boolean isAwaited = failure.code() == ErrorCode.UNREACHABLE && !lost;
    if (isAwaited) {
      tools.servers().awaited(retry, failure, retry.waited(), tools.patience());
    }
    return !retry.isOver() && (isAwaited || retry.waited().compareTo(LOCATION_PATIENCE) < 0);
  }

  /** The next data or hole at or behind the offset, as lseek(2) wants it. */
  CompletableFuture<Long> seek(long offset, boolean hole) {
    synchronized (lock) {
      long size = content.size();
      long at = offset;
      while (at >= 0 && at < size) {
        long end = content.knownEnd(at, size);
        if (end == at) {
          long unknown = at;
          return reader.load(unknown).thenCompose(loaded -> seek(unknown, hole));
        }
        long found = content.seek(at, end, hole);
        if (found >= 0) {
          return CompletableFuture.completedFuture(found);
        }
        at = end;
      }
      return hole && offset >= 0 && offset < size
          ? CompletableFuture.completedFuture(size)
          : CompletableFuture.failedFuture(
              ErrorCode.NO_DATA_THERE.because("there is nothing behind " + offset));
    }
  }

  /** Whether there is something to write back that is older than that. */
  boolean isDirtySince(long nanos) {
    synchronized (lock) {
      return !writer.isClean() && writer.dirtySinceNanos() - nanos < 0;
    }
  }

  boolean isDirty() {
    synchronized (lock) {
      return !writer.isClean();
    }
  }

  /** One more handle; answers false when the file is given up already. */
  boolean addHandle() {
    synchronized (lock) {
      if (handles < 0) {
        return false;
      }
      handles++;
      return true;
    }
  }

  /** One handle less; answers true when it was the last one. */
  boolean dropHandle() {
    synchronized (lock) {
      handles--;
      return handles == 0;
    }
  }

  /** Gives the file up unless it was opened again or written to; answers whether it did. */
  boolean retire() {
    synchronized (lock) {
      if (handles != 0 || !writer.isIdle()) {
        return false;
      }
      handles = Integer.MIN_VALUE;
      content.forgetBase();
      return true;
    }
  }
}
