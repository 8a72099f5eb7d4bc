package dev.cairn.client.leasefile;

import com.google.protobuf.ByteString;
import dev.cairn.client.Failures;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.LeaseTerm;
import dev.cairn.rpc.TimeText;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.LeaseStatus;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/** A filesystem with its leases as files: see the package. */
public final class LeaseFiles implements Vfs {

  private static final ByteString DEFAULT_TERM =
      ByteString.copyFromUtf8(TimeText.show(LeaseTerm.DEFAULT));

  /**
   * An open lease: which file it is of, and what is to be read.
   *
   * @param renews whether its last close gives the lease the usual term: not once a term was
   *     written, be it that it was refused. (A shell closes a copy of the descriptor before it
   *     writes, so that a flush says nothing.)
   */
  private record Open(long file, ByteString content, AtomicBoolean renews) {}

  private final LeaseNodes nodes;
  private final Vfs vfs;
  private final Map<Long, Open> files = new ConcurrentHashMap<>();
  private final Map<Long, LeaseListing> directories = new ConcurrentHashMap<>();
  private final AtomicLong lastHandle = new AtomicLong();

  public LeaseFiles(Vfs below) {
    this.vfs = below;
    this.nodes = new LeaseNodes(below);
  }

  private static <T> CompletableFuture<T> refused(ErrorCode code) {
    return CompletableFuture.failedFuture(
        code.because("under .cairn/lease there is nothing but leases"));
  }

  private static boolean isCairn(long parent, ByteString name) {
    return parent == ROOT && name.equals(LeaseNodes.CAIRN);
  }

  /** Makes a name, unless that is the filesystem's own. */
  private static <T> CompletableFuture<T> making(
      long parent, ByteString name, Supplier<CompletableFuture<T>> made) {
    if (isCairn(parent, name)) {
      return refused(ErrorCode.EXISTS);
    }
    return Numbers.isOwn(parent) ? refused(ErrorCode.NOT_PERMITTED) : made.get();
  }

  private long fresh() {
    return Numbers.own(lastHandle.incrementAndGet());
  }

  @Override
  public CompletableFuture<Attributes> lookup(long parent, ByteString name) {
    if (isCairn(parent, name)) {
      return nodes.attributes(Numbers.CAIRN);
    }
    return Numbers.isOwn(parent) ? nodes.lookup(parent, name) : vfs.lookup(parent, name);
  }

  @Override
  public CompletableFuture<Attributes> getAttributes(long inode) {
    return Numbers.isOwn(inode) ? nodes.attributes(inode) : vfs.getAttributes(inode);
  }

  /**
   * Setting its times renews a lease. That is not for convenience only: touch(1) is content when it
   * could set the times of a file that it could not open, and so would be with somebody else's
   * lease.
   */
  @Override
  public CompletableFuture<Attributes> setAttributes(long inode, AttributeChange change) {
    if (!Numbers.isOwn(inode)) {
      return vfs.setAttributes(inode, change);
    }
    boolean times =
        change.atime() != null || change.mtime() != null || change.atimeNow() || change.mtimeNow();
    // A truncation, which sets times, too, is what comes before a term is written.
    boolean truncation = change.size() != null;
    return times && !truncation
        ? take(Numbers.below(inode), false).thenCompose(done -> nodes.attributes(inode))
        : nodes.attributes(inode);
  }

  private CompletableFuture<Void> take(long file, boolean exclusive) {
    return vfs.setXattr(file, LEASE, DEFAULT_TERM, exclusive, false);
  }

  @Override
  public CompletableFuture<Attributes> setAttributes(
      long inode, long handle, AttributeChange change) {
    return Numbers.isOwn(inode)
        ? setAttributes(inode, change)
        : vfs.setAttributes(inode, handle, change);
  }

  @Override
  public CompletableFuture<ByteString> readSymlink(long inode) {
    return Numbers.isOwn(inode) ? refused(ErrorCode.INVALID) : vfs.readSymlink(inode);
  }

  @Override
  public CompletableFuture<Attributes> symlink(
      Caller caller, long parent, ByteString name, ByteString target) {
    return making(parent, name, () -> vfs.symlink(caller, parent, name, target));
  }

  @Override
  public CompletableFuture<Attributes> makeDirectory(
      Caller caller, long parent, ByteString name, int permissions) {
    return making(parent, name, () -> vfs.makeDirectory(caller, parent, name, permissions));
  }

  @Override
  public CompletableFuture<Attributes> makeNode(
      Caller caller, long parent, ByteString name, FileType type, int permissions, int device) {
    return making(
        parent, name, () -> vfs.makeNode(caller, parent, name, type, permissions, device));
  }

  @Override
  public CompletableFuture<Attributes> link(long inode, long newParent, ByteString newName) {
    return Numbers.isOwn(inode)
        ? refused(ErrorCode.NOT_PERMITTED)
        : making(newParent, newName, () -> vfs.link(inode, newParent, newName));
  }

  /** Gives the lease back. */
  @Override
  public CompletableFuture<Void> unlink(long parent, ByteString name) {
    if (!Numbers.isOwn(parent)) {
      return vfs.unlink(parent, name);
    }
    return nodes
        .leased(parent, name)
        .thenCompose(file -> vfs.removeXattr(file.getInode(), LEASE))
        .exceptionallyCompose(error -> CompletableFuture.failedFuture(LeaseNodes.asEntry(error)));
  }

  @Override
  public CompletableFuture<Void> removeDirectory(long parent, ByteString name) {
    return Numbers.isOwn(parent) || isCairn(parent, name)
        ? refused(ErrorCode.NOT_PERMITTED)
        : vfs.removeDirectory(parent, name);
  }

  @Override
  public CompletableFuture<Void> rename(
      long parent,
      ByteString name,
      long newParent,
      ByteString newName,
      boolean noReplace,
      boolean exchange) {
    boolean own = Numbers.isOwn(parent) || Numbers.isOwn(newParent);
    return own || isCairn(parent, name) || isCairn(newParent, newName)
        ? refused(ErrorCode.NOT_PERMITTED)
        : vfs.rename(parent, name, newParent, newName, noReplace, exchange);
  }

  @Override
  public CompletableFuture<Opened> open(long inode, OpenFlags flags) {
    if (!Numbers.isOwn(inode)) {
      return vfs.open(inode, flags);
    }
    long file = Numbers.below(inode);
    return flags.write()
        ? takeUnlessHeld(file).thenCompose(held -> opened(file, held))
        : opened(file, false);
  }

  /**
   * Takes the lease, and leaves one that this client has as it is; answers whether it has. A term
   * may be written next.
   */
  private CompletableFuture<Boolean> takeUnlessHeld(long file) {
    return take(file, true)
        .thenApply(taken -> false)
        .exceptionallyCompose(
            error ->
                Failures.of(error).code() == ErrorCode.EXISTS
                    ? CompletableFuture.completedFuture(true)
                    : CompletableFuture.failedFuture(error));
  }

  private CompletableFuture<Opened> opened(long file, boolean renews) {
    return nodes
        .content(file)
        .thenApply(
            content -> {
              long handle = fresh();
              files.put(handle, new Open(file, content, new AtomicBoolean(renews)));
              return new Opened(handle, false, true);
            });
  }

  /** Takes the lease; {@code exclusive} only one that nobody has, this client included. */
  @Override
  public CompletableFuture<Created> create(
      Caller caller,
      long parent,
      ByteString name,
      int permissions,
      boolean exclusive,
      OpenFlags flags) {
    if (!Numbers.isOwn(parent)) {
      return making(
          parent, name, () -> vfs.create(caller, parent, name, permissions, exclusive, flags));
    }
    return nodes
        .leased(parent, name)
        .thenCompose(
            file ->
                (exclusive
                        ? take(file.getInode(), true).thenApply(taken -> false)
                        : takeUnlessHeld(file.getInode()))
                    .thenCompose(held -> opened(file.getInode(), held))
                    .thenApply(
                        opened -> {
                          int length = files.get(opened.handle()).content().size();
                          return new Created(LeaseNodes.shown(file, length), opened);
                        }));
  }

  @Override
  public CompletableFuture<Created> createUnnamed(
      Caller caller, long parent, int permissions, OpenFlags flags) {
    return Numbers.isOwn(parent)
        ? refused(ErrorCode.NOT_SUPPORTED)
        : vfs.createUnnamed(caller, parent, permissions, flags);
  }

  private <T> CompletableFuture<T> with(
      long handle, java.util.function.Function<Open, CompletableFuture<T>> operation) {
    Open open = files.get(handle);
    return open == null ? refused(ErrorCode.BAD_HANDLE) : operation.apply(open);
  }

  @Override
  public CompletableFuture<Integer> read(long handle, long offset, ByteBuffer into) {
    if (!Numbers.isOwn(handle)) {
      return vfs.read(handle, offset, into);
    }
    return with(
        handle,
        open -> {
          int from = (int) Math.min(offset, open.content().size());
          int length = Math.min(into.remaining(), open.content().size() - from);
          into.put(open.content().substring(from, from + length).asReadOnlyByteBuffer());
          return CompletableFuture.completedFuture(length);
        });
  }

  /** A term for the lease. */
  @Override
  public CompletableFuture<Integer> write(
      long handle, long offset, ByteBuffer from, boolean clearSetIdBits) {
    if (!Numbers.isOwn(handle)) {
      return vfs.write(handle, offset, from, clearSetIdBits);
    }
    ByteString term = ByteString.copyFrom(from);
    return with(
        handle,
        open -> {
          open.renews().set(false);
          return vfs.setXattr(open.file(), LEASE, term, false, false)
              .thenApply(done -> term.size());
        });
  }

  @Override
  public CompletableFuture<Integer> append(
      long handle, long assumedOffset, ByteBuffer from, boolean clearSetIdBits) {
    return Numbers.isOwn(handle)
        ? write(handle, assumedOffset, from, clearSetIdBits)
        : vfs.append(handle, assumedOffset, from, clearSetIdBits);
  }

  private static CompletableFuture<Void> done() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> flush(long handle) {
    return Numbers.isOwn(handle) ? done() : vfs.flush(handle);
  }

  @Override
  public CompletableFuture<Void> flush(long handle, long lockOwner) {
    return Numbers.isOwn(handle) ? done() : vfs.flush(handle, lockOwner);
  }

  @Override
  public CompletableFuture<Void> fsync(long handle) {
    return Numbers.isOwn(handle) ? done() : vfs.fsync(handle);
  }

  @Override
  public CompletableFuture<Void> release(long handle) {
    if (!Numbers.isOwn(handle)) {
      return vfs.release(handle);
    }
    Open open = files.remove(handle);
    return open != null && open.renews().get() ? take(open.file(), false) : done();
  }

  @Override
  public CompletableFuture<Locked> lock(long handle, FileLock lock, CompletableFuture<?> giveUp) {
    return Numbers.isOwn(handle)
        ? refused(ErrorCode.NOT_SUPPORTED)
        : vfs.lock(handle, lock, giveUp);
  }

  @Override
  public CompletableFuture<FileLock> testLock(long handle, FileLock lock) {
    return Numbers.isOwn(handle) ? refused(ErrorCode.NOT_SUPPORTED) : vfs.testLock(handle, lock);
  }

  @Override
  public CompletableFuture<Long> openDirectory(long inode) {
    if (!Numbers.isOwn(inode)) {
      return vfs.openDirectory(inode);
    }
    return LeaseListing.of(inode, vfs)
        .thenApply(
            listing -> {
              long handle = fresh();
              directories.put(handle, listing);
              return handle;
            });
  }

  @Override
  public CompletableFuture<Listing> readDirectory(
      long handle, long cookie, int mostEntries, boolean withAttributes) {
    if (!Numbers.isOwn(handle)) {
      return vfs.readDirectory(handle, cookie, mostEntries, withAttributes);
    }
    LeaseListing listing = directories.get(handle);
    return listing == null
        ? refused(ErrorCode.BAD_HANDLE)
        : CompletableFuture.completedFuture(listing.behind(cookie));
  }

  @Override
  public CompletableFuture<Void> fsyncDirectory(long handle) {
    return Numbers.isOwn(handle) ? done() : vfs.fsyncDirectory(handle);
  }

  @Override
  public CompletableFuture<Void> releaseDirectory(long handle) {
    if (!Numbers.isOwn(handle)) {
      return vfs.releaseDirectory(handle);
    }
    directories.remove(handle);
    return done();
  }

  @Override
  public CompletableFuture<ByteString> getXattr(long inode, ByteString name) {
    return Numbers.isOwn(inode) ? refused(ErrorCode.NO_ATTRIBUTE) : vfs.getXattr(inode, name);
  }

  @Override
  public CompletableFuture<List<ByteString>> listXattrs(long inode) {
    return Numbers.isOwn(inode)
        ? CompletableFuture.completedFuture(List.of())
        : vfs.listXattrs(inode);
  }

  @Override
  public CompletableFuture<Void> setXattr(
      long inode, ByteString name, ByteString value, boolean createOnly, boolean replaceOnly) {
    return Numbers.isOwn(inode)
        ? refused(ErrorCode.NOT_SUPPORTED)
        : vfs.setXattr(inode, name, value, createOnly, replaceOnly);
  }

  @Override
  public CompletableFuture<Void> removeXattr(long inode, ByteString name) {
    return Numbers.isOwn(inode) ? refused(ErrorCode.NOT_SUPPORTED) : vfs.removeXattr(inode, name);
  }

  @Override
  public CompletableFuture<Void> changeRange(
      long handle, RangeChange change, long offset, long length, boolean clearSetIdBits) {
    return Numbers.isOwn(handle)
        ? refused(ErrorCode.NOT_SUPPORTED)
        : vfs.changeRange(handle, change, offset, length, clearSetIdBits);
  }

  @Override
  public CompletableFuture<Long> copyRange(
      long sourceHandle,
      long sourceOffset,
      long targetHandle,
      long targetOffset,
      long length,
      boolean clearSetIdBits) {
    return Numbers.isOwn(sourceHandle) || Numbers.isOwn(targetHandle)
        ? refused(ErrorCode.NOT_SUPPORTED)
        : vfs.copyRange(
            sourceHandle, sourceOffset, targetHandle, targetOffset, length, clearSetIdBits);
  }

  @Override
  public CompletableFuture<Long> seek(long handle, long offset, boolean hole) {
    return Numbers.isOwn(handle)
        ? refused(ErrorCode.NOT_SUPPORTED)
        : vfs.seek(handle, offset, hole);
  }

  @Override
  public void onStalePages(LongConsumer listener) {
    vfs.onStalePages(listener);
  }

  @Override
  public boolean sharesLocks() {
    return vfs.sharesLocks();
  }

  @Override
  public CompletableFuture<List<LeaseStatus>> leasesBelow(long directory) {
    return vfs.leasesBelow(directory);
  }

  @Override
  public CompletableFuture<Capacity> capacity() {
    return vfs.capacity();
  }

  @Override
  public void close() {
    vfs.close();
  }
}
