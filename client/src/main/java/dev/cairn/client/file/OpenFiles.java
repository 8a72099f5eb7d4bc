package dev.cairn.client.file;

import dev.cairn.client.ClientSettings;
import dev.cairn.client.ClientThreads;
import dev.cairn.client.Failures;
import dev.cairn.client.Timer;
import dev.cairn.client.buffer.BufferPool;
import dev.cairn.client.data.BlockCache;
import dev.cairn.client.data.ChunkFetcher;
import dev.cairn.client.data.DataLinks;
import dev.cairn.client.data.ServerTable;
import dev.cairn.client.master.Hold;
import dev.cairn.client.master.Master;
import dev.cairn.client.master.Registration;
import dev.cairn.client.vfs.Vfs.Locked;
import dev.cairn.client.vfs.Vfs.OpenFlags;
import dev.cairn.client.vfs.Vfs.Opened;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.ExtentMap;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.HeldLease;
import dev.cairn.rpc.proto.LockMode;
import dev.cairn.rpc.proto.TakeLeaseRequest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All files this client has open, and their handles. */
public final class OpenFiles {

  private static final Logger LOG = LoggerFactory.getLogger(OpenFiles.class);
  private static final Duration WRITE_BACK_PERIOD = Duration.ofMillis(500);

  /**
   * What a handle stands for.
   *
   * @param dropping the data version at which the kernel was told to drop its pages, until it has
   */
  private record Handle(
      OpenFile file, OpenFlags flags, ReadAhead readAhead, AtomicReference<Long> dropping) {}

  private final Map<Long, OpenFile> files = new ConcurrentHashMap<>();
  private final Map<Long, Handle> handles = new ConcurrentHashMap<>();
  private final AtomicLong lastHandle = new AtomicLong();
  private final KernelVersions kernelVersions = new KernelVersions();
  private final AtomicBoolean relieving = new AtomicBoolean();
  private final Master master;
  private final FileTools tools;
  private final FileLocking locking;
  private final FileLeasing leasing;
  private final ClientThreads threads;
  private final Duration writeBackAfter;

  /** Wires up everything between handles and servers. */
  public OpenFiles(
      ClientSettings settings,
      Master master,
      ServerTable servers,
      DataLinks links,
      ClientThreads threads,
      Timer timer) {
    this.master = master;
    this.threads = threads;
    this.locking = new FileLocking(master, timer);
    this.leasing = new FileLeasing(master, timer, this::leaseLost);
    this.writeBackAfter = settings.writeBackAfter();
    BlockCache cache = new BlockCache(settings.readCacheBytes());
    this.tools =
        new FileTools(
            master,
            servers,
            links,
            new ChunkFetcher(servers, links, cache, master::reportBadReplica),
            cache,
            new BufferPool(settings.writeBufferBytes(), this::relieve),
            new ChunkSupply(master, servers, timer, settings.serverPatience()),
            threads,
            timer,
            settings.serverPatience(),
            leasing,
            new ExtentBudget(
                ExtentBudget.MOST_EXTENTS, giveUp -> timer.after(Duration.ZERO, giveUp)));
    timer.every(WRITE_BACK_PERIOD, this::writeBackOld);
  }

  /** Verified blocks that were read. */
  public BlockCache cache() {
    return tools.cache();
  }

  /** Bytes of buffers that hold what is not written yet. */
  public long unwrittenBytes() {
    return tools.pool().lentBytes();
  }

  /** How many files are open. */
  public int count() {
    return files.size();
  }

  /** The inodes that are open. */
  public Set<Long> inodes() {
    return new HashSet<>(files.keySet());
  }

  /** Those of them that were opened for writing. */
  public Set<Long> writtenInodes() {
    Set<Long> written = new HashSet<>();
    files.forEach(
        (inode, file) -> {
          if (file.isOpenedToWrite()) {
            written.add(inode);
          }
        });
    return written;
  }

  /** Opens a file at its present state at the master. */
  public CompletableFuture<Opened> open(long inode, OpenFlags flags) {
    Hold before = leasing.hold(inode);
    return master.open(
        inode,
        flags.write(),
        reply -> {
          if (before != null && before.lease() != reply.getLease()) {
            leasing.lost(inode, before.lease());
          }
          return handle(reply.getAttributes(), reply.getMap(), flags);
        });
  }

  /** A handle of a file that the master counts as open already, because it was just made. */
  public Opened created(Attributes attributes, OpenFlags flags) {
    kernelVersions.told(attributes.getInode(), attributes.getDataVersion());
    return handle(attributes, null, flags);
  }

  private Opened handle(Attributes attributes, ExtentMap map, OpenFlags flags) {
    OpenFile file;
    do {
      file = files.computeIfAbsent(attributes.getInode(), inode -> newFile(attributes));
    } while (!file.addHandle());
    if (flags.write()) {
      file.openedToWrite();
    }
    if (map == null) {
      file.created();
    } else {
      file.opened(attributes, map);
    }
    long handle = lastHandle.incrementAndGet();
    long version = attributes.getDataVersion();
    KernelVersions.Opening opening = kernelVersions.opened(attributes.getInode(), version);
    AtomicReference<Long> dropping =
        new AtomicReference<>(opening.pagesAreRight() ? null : version);
    handles.put(handle, new Handle(file, flags, new ReadAhead(), dropping));
    return new Opened(handle, opening.pagesAreRight(), !opening.attributesAreRight());
  }

  private OpenFile newFile(Attributes attributes) {
    return new OpenFile(tools, kernelVersions, attributes);
  }

  private <T> CompletableFuture<T> with(
      long handle, Function<Handle, CompletableFuture<T>> operation) {
    return used(
        handle,
        open ->
            open.file().isFenced()
                ? CompletableFuture.failedFuture(open.file().fencedError())
                : operation.apply(open));
  }

  /** For what gives up locks: a fenced file may have some all the same. Its error comes behind. */
  private <T> CompletableFuture<T> alsoFenced(
      long handle, Function<Handle, CompletableFuture<T>> operation) {
    return used(
        handle,
        open ->
            open.file().isFenced()
                ? operation
                    .apply(open)
                    .handle((done, error) -> null)
                    .thenCompose(done -> CompletableFuture.failedFuture(open.file().fencedError()))
                : operation.apply(open));
  }

  private <T> CompletableFuture<T> used(
      long handle, Function<Handle, CompletableFuture<T>> operation) {
    Handle open = handles.get(handle);
    if (open == null) {
      return CompletableFuture.failedFuture(
          ErrorCode.BAD_HANDLE.because("there is no open file " + handle));
    }
    noteDropped(open);
    return operation.apply(open);
  }

  /** The kernel uses the handle: it has done what the answer to the open asked for. */
  private void noteDropped(Handle open) {
    if (open.dropping().get() != null) {
      Long version = open.dropping().getAndSet(null);
      if (version != null) {
        kernelVersions.dropped(open.file().inode(), version);
      }
    }
  }

  /** The session has expired: what was held in it is no longer this client's. */
  public void sessionLost(Registration session) {
    files.values().removeIf(file -> isFencedBy(session, file));
    leasing.sessionLost(session);
  }

  /** The master was started anew, perhaps with older states of files than it has told of. */
  public void masterRestarted() {
    kernelVersions.forget();
    files.values().forEach(OpenFile::masterRestarted);
  }

  private boolean isFencedBy(Registration session, OpenFile file) {
    Hold held = file.held();
    if (held == null || held.session() != session) {
      return false;
    }
    LOG.error(
        "inode {} was locked or leased in session {}, which has expired: what was written to it and"
            + " not committed is lost, and whoever has it open must open it again",
        file.inode(),
        session);
    fence(file);
    return true;
  }

  private void fence(OpenFile file) {
    file.fence();
    // The master refuses it, and the memory is free again.
    var unused = file.commitNow().exceptionally(this::noted);
  }

  /** The lease that this client had of a file is over. */
  private void leaseLost(long inode) {
    LOG.error(
        "the lease of inode {} is over: what was written to it and not committed is lost, and"
            + " whoever has it open must open it again",
        inode);
    OpenFile file = files.remove(inode);
    if (file != null) {
      fence(file);
      master.closed(inode);
    }
  }

  /** What the master says of leases that this client believed to have. */
  public void leasesLost(List<HeldLease> lost) {
    lost.forEach(lease -> leasing.lost(lease.getInode(), lease.getLease()));
  }

  /** All leases this client has. */
  public List<HeldLease> leases() {
    return leasing.all();
  }

  /** Takes a lease: what was written before is committed before. */
  public CompletableFuture<Void> takeLease(TakeLeaseRequest.Builder request) {
    long inode = request.getInode();
    return afterWriteBack(inode, () -> leasing.take(request))
        .thenAccept(
            attributes -> {
              OpenFile file = files.get(inode);
              if (file != null) {
                file.leased(attributes);
              }
            });
  }

  /** Commits what was written, then gives the lease back; an error does not spare the latter. */
  public CompletableFuture<Void> releaseLease(long inode) {
    OpenFile file = files.get(inode);
    CompletableFuture<Void> written =
        file == null ? CompletableFuture.completedFuture(null) : file.commitNow();
    return written
        .handle((done, error) -> null)
        .thenCompose(done -> leasing.giveBack(inode))
        .thenCompose(done -> written);
  }

  /** The lease of a file that was replaced is now one of the file in its place. */
  public void leaseMoved(long from, long to) {
    leasing.moved(from, to);
  }

  /** How this client holds the file, by a lease or by locks; null when it does not. */
  public Hold held(long inode) {
    OpenFile file = files.get(inode);
    return file == null ? leasing.hold(inode) : file.held();
  }

  /** Fails where the handle's file was locked in a session that has expired. */
  public CompletableFuture<Void> checked(long handle) {
    return with(handle, open -> CompletableFuture.completedFuture(null));
  }

  /** See {@link dev.cairn.client.vfs.Vfs#lock}. */
  public CompletableFuture<Locked> lock(long handle, FileLock lock, CompletableFuture<?> giveUp) {
    return lock.getMode() == LockMode.UNLOCKED
        ? alsoFenced(handle, open -> locking.set(open.file(), handle, lock, giveUp))
        : with(handle, open -> locking.set(open.file(), handle, lock, giveUp));
  }

  /** See {@link dev.cairn.client.vfs.Vfs#testLock}. */
  public CompletableFuture<FileLock> testLock(long handle, FileLock lock) {
    return with(handle, open -> locking.test(open.file(), lock));
  }

  /** See {@link dev.cairn.client.vfs.Vfs#flush(long, long)}. */
  public CompletableFuture<Void> flush(long handle, long lockOwner) {
    return alsoFenced(
        handle,
        open -> {
          CompletableFuture<Void> written = closed(open);
          return written
              .handle((done, error) -> null)
              .thenCompose(done -> locking.closed(open.file(), lockOwner))
              .thenCompose(done -> written);
        });
  }

  /** Who only reads is not the one to be told of what others could not write. */
  private static CompletableFuture<Void> closed(Handle open) {
    return open.flags().write()
        ? open.file().close()
        : open.file().commitNow().exceptionally(error -> null);
  }

  public CompletableFuture<Integer> read(long handle, long offset, ByteBuffer into) {
    return with(handle, open -> open.file().read(offset, into, open.readAhead()));
  }

  public CompletableFuture<Integer> write(
      long handle, long offset, ByteBuffer from, boolean clearSetIdBits) {
    return with(handle, open -> open.file().write(offset, from, clearSetIdBits));
  }

  /** See {@link dev.cairn.client.vfs.Vfs#append}. */
  public CompletableFuture<Integer> append(
      long handle, long assumedOffset, ByteBuffer from, boolean clearSetIdBits) {
    return with(handle, open -> open.file().append(assumedOffset, from, clearSetIdBits));
  }

  /** See {@link dev.cairn.client.vfs.Vfs#onStalePages}. */
  public void onStalePages(LongConsumer listener) {
    kernelVersions.onStalePages(listener);
  }

  public CompletableFuture<Void> flush(long handle) {
    return with(handle, OpenFiles::closed);
  }

  public CompletableFuture<Void> fsync(long handle) {
    return with(handle, open -> open.file().fsync());
  }

  public CompletableFuture<Long> seek(long handle, long offset, boolean hole) {
    return with(handle, open -> open.file().seek(offset, hole));
  }

  /** The last descriptor is closed; the file is given up once nothing of it waits to be written. */
  public CompletableFuture<Void> release(long handle) {
    Handle open = handles.remove(handle);
    if (open == null) {
      return CompletableFuture.completedFuture(null);
    }
    // Whether the kernel has dropped pages is not known: it may have been killed while it opened.
    OpenFile file = open.file();
    CompletableFuture<Void> unlocked = locking.released(file, handle);
    if (!file.dropHandle()) {
      return unlocked;
    }
    return file.finish().whenComplete((done, error) -> retire(file)).thenCompose(done -> unlocked);
  }

  private void retire(OpenFile file) {
    if (file.retire()) {
      if (files.remove(file.inode(), file)) {
        master.closed(file.inode());
      }
    }
  }

  /** What an application is to see of attributes the master gave. */
  public Attributes visible(Attributes attributes) {
    kernelVersions.told(attributes.getInode(), attributes.getDataVersion());
    OpenFile file = files.get(attributes.getInode());
    return file == null ? attributes : file.seen(attributes);
  }

  /** The inode of a handle. */
  public long inode(long handle) {
    Handle open = handles.get(handle);
    return open == null ? 0 : open.file().inode();
  }

  /**
   * Commits what was written to the inode here, then makes a change the master must see behind it.
   */
  public <T> CompletableFuture<T> afterWriteBack(
      long inode, Supplier<CompletableFuture<T>> change) {
    OpenFile file = files.get(inode);
    return file == null || !file.isDirty()
        ? change.get()
        : file.commitAll().thenCompose(done -> change.get());
  }

  /** The master changed the extents of an inode at this client's request. */
  public Attributes replaced(Attributes attributes) {
    OpenFile file = files.get(attributes.getInode());
    if (file == null) {
      kernelVersions.changed(attributes.getInode(), attributes.getDataVersion());
      return attributes;
    }
    return file.replaced(attributes);
  }

  /** Writes back what has waited long enough. */
  private void writeBackOld() {
    long before = System.nanoTime() - writeBackAfter.toNanos();
    for (OpenFile file : files.values()) {
      if (file.isDirtySince(before)) {
        file.commitNow().exceptionally(this::noted);
      }
    }
  }

  /** Somebody waits for write memory: everything that holds some is written back. */
  private void relieve() {
    if (relieving.compareAndSet(false, true)) {
      threads
          .ready()
          .execute(
              () -> {
                relieving.set(false);
                for (OpenFile file : files.values()) {
                  if (file.isDirty()) {
                    file.commitNow().exceptionally(this::noted);
                  }
                }
              });
    }
  }

  private Void noted(Throwable error) {
    LOG.debug("background write-back failed: {}", Failures.of(error).getMessage());
    return null;
  }

  /** Writes everything back. */
  public CompletableFuture<Void> flushAll() {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (OpenFile file : files.values()) {
      all.add(file.finish());
    }
    return CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]));
  }
}
