package dev.cairn.client.vfs;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.LeaseTerm;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.LeaseStatus;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A filesystem in memory, complete and correct, for tests. Several clients may share one tree
 * ({@link #anotherClient}): each knows for itself which files changed since it had them open.
 *
 * <p>Two extended attributes let a test that sees only a mount misbehave: reads, writes and fsyncs
 * of a file with {@code user.slow} wait until {@code user.go} is set on the root or the operation
 * is cancelled (a kernel may keep a waiting file itself locked); those of a file with {@code
 * user.broken} throw an unexpected exception.
 */
public final class MemoryVfs implements Vfs {

  private static final ByteString SLOW = ByteString.copyFromUtf8("user.slow");
  private static final ByteString GO = ByteString.copyFromUtf8("user.go");
  private static final ByteString BROKEN = ByteString.copyFromUtf8("user.broken");
  private static final int PERMISSION_BITS = 07777;
  private static final long TOTAL_BYTES = 1L << 40;

  private final MemoryTree tree;
  private final Executor executor;
  private final AtomicLong lastHandle = new AtomicLong();
  private final Map<Long, MemoryNode> files = new ConcurrentHashMap<>();
  private final Map<Long, MemoryListing> listings = new ConcurrentHashMap<>();
  private final Map<Long, Long> seenVersions = new ConcurrentHashMap<>();
  private final Queue<Held<?>> waiting = new ConcurrentLinkedQueue<>();

  /** Answers every operation before its call returns. */
  public MemoryVfs() {
    this(Runnable::run);
  }

  /** Answers every operation from the executor. */
  public MemoryVfs(Executor executor) {
    this(new MemoryTree(), executor);
  }

  private MemoryVfs(MemoryTree tree, Executor executor) {
    this.tree = tree;
    this.executor = executor;
  }

  /** Another view of the same files, as from another machine. */
  public MemoryVfs anotherClient() {
    return new MemoryVfs(tree, executor);
  }

  /** How many files and directories are open here. */
  public int openHandles() {
    return files.size() + listings.size();
  }

  @Override
  public CompletableFuture<Attributes> lookup(long parent, ByteString name) {
    return answer(() -> tree.lookup(parent, name).attributes());
  }

  @Override
  public CompletableFuture<Attributes> getAttributes(long inode) {
    return answer(() -> tree.node(inode).attributes());
  }

  @Override
  public CompletableFuture<Attributes> setAttributes(long inode, AttributeChange change) {
    return answer(
        () -> {
          MemoryNode node = tree.node(inode);
          changeContent(node, () -> node.change(change));
          return node.attributes();
        });
  }

  @Override
  public CompletableFuture<ByteString> readSymlink(long inode) {
    return answer(
        () -> {
          if (tree.node(inode).type != FileType.SYMLINK) {
            throw ErrorCode.INVALID.because("inode " + inode + " is not a symlink");
          }
          return tree.node(inode).symlinkTarget;
        });
  }

  @Override
  public CompletableFuture<Attributes> symlink(
      Caller caller, long parent, ByteString name, ByteString target) {
    return answer(
        () -> {
          MemoryNode node = tree.make(caller, parent, name, FileType.SYMLINK, 0777);
          node.symlinkTarget = target;
          return node.attributes();
        });
  }

  @Override
  public CompletableFuture<Attributes> makeDirectory(
      Caller caller, long parent, ByteString name, int permissions) {
    return answer(
        () ->
            tree.make(caller, parent, name, FileType.DIRECTORY, permissions & PERMISSION_BITS)
                .attributes());
  }

  @Override
  public CompletableFuture<Attributes> makeNode(
      Caller caller, long parent, ByteString name, FileType type, int permissions, int device) {
    return answer(
        () -> {
          MemoryNode node = tree.make(caller, parent, name, type, permissions & PERMISSION_BITS);
          node.device = device;
          return node.attributes();
        });
  }

  @Override
  public CompletableFuture<Attributes> link(long inode, long newParent, ByteString newName) {
    return answer(() -> tree.link(inode, newParent, newName).attributes());
  }

  @Override
  public CompletableFuture<Void> unlink(long parent, ByteString name) {
    return run(() -> tree.remove(parent, name, false));
  }

  @Override
  public CompletableFuture<Void> removeDirectory(long parent, ByteString name) {
    return run(() -> tree.remove(parent, name, true));
  }

  @Override
  public CompletableFuture<Void> rename(
      long parent,
      ByteString name,
      long newParent,
      ByteString newName,
      boolean noReplace,
      boolean exchange) {
    return run(() -> tree.rename(parent, name, newParent, newName, noReplace, exchange));
  }

  @Override
  public CompletableFuture<Opened> open(long inode, OpenFlags flags) {
    return answer(() -> opened(tree.node(inode), flags));
  }

  @Override
  public CompletableFuture<Created> create(
      Caller caller,
      long parent,
      ByteString name,
      int permissions,
      boolean exclusive,
      OpenFlags flags) {
    return answer(
        () -> {
          MemoryNode node;
          OpenFlags opening = flags;
          try {
            node = tree.make(caller, parent, name, FileType.REGULAR, permissions & PERMISSION_BITS);
            opening = new OpenFlags(flags.read(), flags.write(), flags.append(), false);
          } catch (CairnException e) {
            if (e.code() != ErrorCode.EXISTS || exclusive) {
              throw e;
            }
            node = tree.lookup(parent, name);
          }
          Opened opened = opened(node, opening);
          return new Created(node.attributes(), opened);
        });
  }

  @Override
  public CompletableFuture<Integer> read(long handle, long offset, ByteBuffer into) {
    return data(
        handle,
        node -> {
          synchronized (node) {
            return node.content.read(offset, into);
          }
        });
  }

  @Override
  public CompletableFuture<Integer> write(
      long handle, long offset, ByteBuffer from, boolean clearSetIdBits) {
    return data(
        handle,
        node -> {
          int length = from.remaining();
          changeContent(
              node,
              () -> {
                node.content.write(offset, from);
                node.touchContent();
                if (clearSetIdBits) {
                  node.clearSetIdBits();
                }
              });
          return length;
        });
  }

  @Override
  public CompletableFuture<Void> flush(long handle) {
    return run(() -> file(handle));
  }

  @Override
  public CompletableFuture<Void> fsync(long handle) {
    return data(handle, node -> null);
  }

  @Override
  public CompletableFuture<Void> release(long handle) {
    return run(
        () -> {
          MemoryNode node = file(handle);
          files.remove(handle);
          tree.released(node);
        });
  }

  @Override
  public CompletableFuture<Long> openDirectory(long inode) {
    return answer(
        () -> {
          MemoryNode directory = tree.node(inode).asDirectory();
          tree.opened(directory);
          long handle = lastHandle.incrementAndGet();
          listings.put(handle, new MemoryListing(tree, directory));
          return handle;
        });
  }

  @Override
  public CompletableFuture<Listing> readDirectory(
      long handle, long cookie, int mostEntries, boolean withAttributes) {
    return answer(() -> listing(handle).read(cookie, mostEntries, withAttributes));
  }

  @Override
  public CompletableFuture<Void> fsyncDirectory(long handle) {
    return run(() -> listing(handle));
  }

  @Override
  public CompletableFuture<Void> releaseDirectory(long handle) {
    return run(
        () -> {
          MemoryListing listing = listing(handle);
          listings.remove(handle);
          tree.released(listing.directory());
        });
  }

  @Override
  public CompletableFuture<ByteString> getXattr(long inode, ByteString name) {
    return answer(
        () -> {
          MemoryNode node = tree.node(inode);
          synchronized (node) {
            return known(node, name);
          }
        });
  }

  @Override
  public CompletableFuture<List<ByteString>> listXattrs(long inode) {
    return answer(
        () -> {
          MemoryNode node = tree.node(inode);
          synchronized (node) {
            return List.copyOf(node.xattrs.keySet());
          }
        });
  }

  @Override
  public CompletableFuture<Void> setXattr(
      long inode, ByteString name, ByteString value, boolean createOnly, boolean replaceOnly) {
    return run(
        () -> {
          MemoryNode node = tree.node(inode);
          synchronized (node) {
            if (name.equals(LEASE)) {
              checkTerm(value);
              node.lease(this, ErrorCode.BUSY);
              node.leaseHolder = this;
            }
            if (createOnly && node.xattrs.containsKey(name)) {
              throw ErrorCode.EXISTS.because(name.toStringUtf8() + " exists already");
            }
            if (replaceOnly) {
              known(node, name);
            }
            node.xattrs.put(name, value);
            node.touchChange();
          }
          waiting.forEach(Held::retry);
        });
  }

  @Override
  public CompletableFuture<Void> removeXattr(long inode, ByteString name) {
    return run(
        () -> {
          MemoryNode node = tree.node(inode);
          synchronized (node) {
            known(node, name);
            if (name.equals(LEASE)) {
              node.lease(this, ErrorCode.NOT_PERMITTED);
              node.leaseHolder = null;
            }
            node.xattrs.remove(name);
            node.touchChange();
          }
        });
  }

  private static void checkTerm(ByteString term) throws CairnException {
    try {
      LeaseTerm.parse(term.toStringUtf8());
    } catch (IllegalArgumentException e) {
      throw ErrorCode.INVALID.because(e.getMessage(), e);
    }
  }

  @Override
  public CompletableFuture<List<LeaseStatus>> leasesBelow(long directory) {
    return answer(
        () -> {
          List<LeaseStatus> leases = new ArrayList<>();
          tree.node(directory).leasesBelow(ByteString.EMPTY, leases);
          return leases;
        });
  }

  @Override
  public CompletableFuture<Capacity> capacity() {
    return answer(() -> new Capacity(TOTAL_BYTES, TOTAL_BYTES / 2, tree.size()));
  }

  @Override
  public CompletableFuture<Void> changeRange(
      long handle, RangeChange change, long offset, long length, boolean clearSetIdBits) {
    return data(
        handle,
        node -> {
          changeContent(
              node,
              () -> {
                switch (change) {
                  case ALLOCATE -> node.content.extend(offset + length);
                  case ALLOCATE_KEEP_SIZE -> {}
                  case PUNCH_HOLE -> node.content.erase(offset, length);
                }
                node.touchContent();
                if (clearSetIdBits) {
                  node.clearSetIdBits();
                }
              });
          return null;
        });
  }

  @Override
  public CompletableFuture<Long> copyRange(
      long sourceHandle,
      long sourceOffset,
      long targetHandle,
      long targetOffset,
      long length,
      boolean clearSetIdBits) {
    return answer(
        () -> {
          MemoryNode source = file(sourceHandle);
          MemoryNode target = file(targetHandle);
          ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(length, 1 << 20));
          synchronized (source) {
            source.content.read(sourceOffset, bytes);
          }
          bytes.flip();
          long copied = bytes.remaining();
          changeContent(
              target,
              () -> {
                target.content.write(targetOffset, bytes);
                target.touchContent();
                if (clearSetIdBits) {
                  target.clearSetIdBits();
                }
              });
          return copied;
        });
  }

  @Override
  public CompletableFuture<Long> seek(long handle, long offset, boolean hole) {
    return data(
        handle,
        node -> {
          synchronized (node) {
            return node.content.seek(offset, hole);
          }
        });
  }

  @Override
  public void close() {
    files.values().forEach(tree::released);
    files.clear();
    listings.values().forEach(listing -> tree.released(listing.directory()));
    listings.clear();
  }

  private Opened opened(MemoryNode node, OpenFlags flags) throws CairnException {
    if (node.isDirectory()) {
      throw ErrorCode.IS_DIRECTORY.because("inode " + node.inode + " is a directory");
    }
    boolean unchanged;
    synchronized (node) {
      Long seen = seenVersions.put(node.inode, node.dataVersion);
      unchanged = seen != null && seen == node.dataVersion;
    }
    if (flags.truncate()) {
      changeContent(
          node,
          () -> {
            node.content.resize(0);
            node.touchContent();
          });
    }
    tree.opened(node);
    long handle = lastHandle.incrementAndGet();
    files.put(handle, node);
    return new Opened(handle, unchanged && !flags.truncate(), !unchanged);
  }

  /** Changes a node; what this client itself changes, it has seen. */
  private void changeContent(MemoryNode node, Change change) throws CairnException {
    synchronized (node) {
      long before = node.dataVersion;
      change.make();
      seenVersions.replace(node.inode, before, node.dataVersion);
    }
  }

  private MemoryNode file(long handle) throws CairnException {
    MemoryNode node = files.get(handle);
    if (node == null) {
      throw ErrorCode.BAD_HANDLE.because("file handle " + handle + " is not open");
    }
    return node;
  }

  private MemoryListing listing(long handle) throws CairnException {
    MemoryListing listing = listings.get(handle);
    if (listing == null) {
      throw ErrorCode.BAD_HANDLE.because("directory handle " + handle + " is not open");
    }
    return listing;
  }

  private static ByteString known(MemoryNode node, ByteString name) throws CairnException {
    ByteString value = node.xattrs.get(name);
    if (value == null) {
      throw ErrorCode.NO_ATTRIBUTE.because(name.toStringUtf8() + " is not set");
    }
    return value;
  }

  /** An operation on an open file's content, which the special attributes may hold up or break. */
  private <T> CompletableFuture<T> data(long handle, DataOperation<T> operation) {
    MemoryNode node = files.get(handle);
    if (node != null && has(node, BROKEN)) {
      throw new IllegalStateException("inode " + node.inode + " is broken on purpose");
    }
    if (node == null || !isSlow(node)) {
      return answer(() -> operation.on(file(handle)));
    }
    Held<T> held = new Held<>(node, operation);
    waiting.add(held);
    held.retry();
    return held.future;
  }

  private boolean isSlow(MemoryNode node) {
    return has(node, SLOW) && !has(tree.root(), GO);
  }

  private static boolean has(MemoryNode node, ByteString xattr) {
    synchronized (node) {
      return node.xattrs.containsKey(xattr);
    }
  }

  private CompletableFuture<Void> run(Change change) {
    return answer(
        () -> {
          change.make();
          return null;
        });
  }

  private <T> CompletableFuture<T> answer(Operation<T> operation) {
    CompletableFuture<T> future = new CompletableFuture<>();
    executor.execute(() -> complete(future, operation));
    return future;
  }

  private static <T> void complete(CompletableFuture<T> future, Operation<T> operation) {
    try {
      future.complete(operation.run());
    } catch (CairnException e) {
      future.completeExceptionally(e);
    }
  }

  /** An operation on a slow file. */
  private final class Held<T> {

    final CompletableFuture<T> future = new CompletableFuture<>();
    private final MemoryNode node;
    private final DataOperation<T> operation;

    Held(MemoryNode node, DataOperation<T> operation) {
      this.node = node;
      this.operation = operation;
    }

    void retry() {
      if (future.isCancelled()) {
        waiting.remove(this);
      } else if (!isSlow(node) && waiting.remove(this)) {
        complete(future, () -> operation.on(node));
      }
    }
  }

  private interface Operation<T> {
    T run() throws CairnException;
  }

  private interface DataOperation<T> {
    T on(MemoryNode node) throws CairnException;
  }

  private interface Change {
    void make() throws CairnException;
  }
}
