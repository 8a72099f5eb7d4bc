package dev.cairn.client.vfs;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.LeaseStatus;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;

/**
 * A filesystem in terms of inodes, as a kernel sees it. Inode numbers are those of the cluster; 1
 * is the root. Names are the bytes of one path component. Permissions are the kernel's business;
 * the caller says who will own what is created, and whether set-id bits must go.
 */
public interface Vfs extends AutoCloseable {

  /** The root directory's inode number. */
  long ROOT = 1;

  /**
   * The extended attribute that is a file's lease: the exclusive right to write it. Setting it to a
   * term like {@code 60s} takes the lease or renews it, {@code createOnly} only takes it; removing
   * it gives it back, behind a commit of what was written. Its value says who has the lease. Fails
   * with {@code BUSY} or {@code NOT_PERMITTED} where that is somebody else.
   */
  ByteString LEASE = ByteString.copyFromUtf8("user.cairn.lease");

  /** Who asks: becomes owner of what is created. */
  record Caller(int uid, int gid, int pid) {}

  /** Changes of attributes; null fields stay as they are. Times are nanoseconds since 1970. */
  record AttributeChange(
      Integer permissions,
      Integer uid,
      Integer gid,
      Long size,
      Long atime,
      Long mtime,
      boolean atimeNow,
      boolean mtimeNow,
      boolean clearSetIdBits) {}

  /** What {@link #open} needs to know of open(2)'s flags. */
  record OpenFlags(boolean read, boolean write, boolean append, boolean truncate) {}

  /**
   * An open file.
   *
   * @param handle to be given to read, write, flush, fsync and release
   * @param keepCache the file is byte for byte what it was when this client had it open last: pages
   *     that the kernel has of it may stay
   * @param attributesChanged attributes given before are of another state: the kernel must not use
   *     them for this file any longer, however fresh they are
   */
  record Opened(long handle, boolean keepCache, boolean attributesChanged) {}

  /** A file made and opened in one step. */
  record Created(Attributes attributes, Opened opened) {}

  /**
   * An entry of a directory; attributes are null where they were not asked for.
   *
   * @param cookie the place behind the entry: a listing that begins there goes on with the next
   *     one, in every open of the directory, whatever other names came or went. Ascending within a
   *     listing, greater than 0
   */
  record DirectoryEntry(
      ByteString name, long inode, FileType type, long cookie, Attributes attributes) {}

  /**
   * A part of a listing. "." and ".." are among the entries.
   *
   * @param end there is nothing behind the last entry
   */
  record Listing(List<DirectoryEntry> entries, boolean end) {

    /** The part behind as many entries. */
    public Listing from(int index) {
      return new Listing(entries.subList(index, entries.size()), end);
    }

    /** Where to go on; the given cookie when there are no entries. */
    public long nextCookie(long cookie) {
      return entries.isEmpty() ? cookie : entries.get(entries.size() - 1).cookie();
    }
  }

  /** How much there is: statvfs(3). */
  record Capacity(long totalBytes, long freeBytes, long inodes) {}

  /** What fallocate(2) is asked to do; other modes are refused by the binding with EOPNOTSUPP. */
  enum RangeChange {
    ALLOCATE,
    ALLOCATE_KEEP_SIZE,
    PUNCH_HOLE
  }

  /** The attributes of the entry; fails with {@code NO_ENTRY}. */
  CompletableFuture<Attributes> lookup(long parent, ByteString name);

  /** The attributes, with the length that unwritten bytes of this client give the file. */
  CompletableFuture<Attributes> getAttributes(long inode);

  CompletableFuture<Attributes> setAttributes(long inode, AttributeChange change);

  CompletableFuture<ByteString> readSymlink(long inode);

  CompletableFuture<Attributes> symlink(
      Caller caller, long parent, ByteString name, ByteString target);

  CompletableFuture<Attributes> makeDirectory(
      Caller caller, long parent, ByteString name, int permissions);

  /**
   * Makes a regular file, a fifo, a socket or a device; {@code device} is the kernel's 32-bit
   * number.
   */
  CompletableFuture<Attributes> makeNode(
      Caller caller, long parent, ByteString name, FileType type, int permissions, int device);

  CompletableFuture<Attributes> link(long inode, long newParent, ByteString newName);

  CompletableFuture<Void> unlink(long parent, ByteString name);

  CompletableFuture<Void> removeDirectory(long parent, ByteString name);

  CompletableFuture<Void> rename(
      long parent,
      ByteString name,
      long newParent,
      ByteString newName,
      boolean noReplace,
      boolean exchange);

  /** Opens a file at the state its last close or fsync anywhere left it in. */
  CompletableFuture<Opened> open(long inode, OpenFlags flags);

  /** Creates and opens; an existing file is opened unless {@code exclusive}. */
  CompletableFuture<Created> create(
      Caller caller,
      long parent,
      ByteString name,
      int permissions,
      boolean exclusive,
      OpenFlags flags);

  /**
   * Creates and opens a file without a name (O_TMPFILE), which goes with its last close unless
   * {@link #link} gives it a name.
   *
   * @param parent whose settings it gets
   */
  default CompletableFuture<Created> createUnnamed(
      Caller caller, long parent, int permissions, OpenFlags flags) {
    return CompletableFuture.failedFuture(ErrorCode.NOT_SUPPORTED.because("files have names here"));
  }

  /**
   * Fills the buffer from the offset on, as far as the file goes, and answers how many bytes that
   * were. The buffer is the operation's until the future is done.
   */
  CompletableFuture<Integer> read(long handle, long offset, ByteBuffer into);

  /**
   * Takes all remaining bytes of the buffer. The buffer is the operation's until the future is
   * done; the future may wait until buffered bytes have gone to the servers.
   *
   * @param clearSetIdBits the writer is unprivileged
   */
  CompletableFuture<Integer> write(
      long handle, long offset, ByteBuffer from, boolean clearSetIdBits);

  /**
   * Like {@link #write}, but the bytes go to the end of the file, wherever that is when they are
   * committed. They stay together and are laid over nothing, whoever else appends.
   *
   * @param assumedOffset where the caller believes the file to end
   */
  default CompletableFuture<Integer> append(
      long handle, long assumedOffset, ByteBuffer from, boolean clearSetIdBits) {
    return write(handle, assumedOffset, from, clearSetIdBits);
  }

  /**
   * Names a listener for inodes of which the kernel's pages are no longer right though nobody opens
   * the file. It is called with locks held and must return at once.
   */
  default void onStalePages(LongConsumer listener) {}

  /**
   * What the kernel must forget of a file when a lock of it was granted, because others changed it.
   */
  record Locked(boolean pagesStale, boolean attributesStale) {

    /** The kernel knows the file as it is. */
    public static final Locked AS_KNOWN = new Locked(false, false);
  }

  /**
   * Whether {@link #lock} works. Where it does not, the kernel keeps locks by itself, for one
   * mount.
   */
  default boolean sharesLocks() {
    return false;
  }

  /**
   * Takes, changes or gives up a lock of the file. What was written through this client is
   * committed before a lock goes or changes. Fails with {@code LOCKED} or {@code DEADLOCK}.
   *
   * @param giveUp whoever completes it ends a wait for the lock, which then fails with {@code
   *     INTERRUPTED} unless the lock was granted just before; null: do not wait
   */
  default CompletableFuture<Locked> lock(long handle, FileLock lock, CompletableFuture<?> giveUp) {
    return CompletableFuture.failedFuture(
        ErrorCode.NOT_IMPLEMENTED.because("locks are not shared"));
  }

  /** A lock that stands in the way of the one asked about; mode {@code UNLOCKED} when none does. */
  default CompletableFuture<FileLock> testLock(long handle, FileLock lock) {
    return CompletableFuture.failedFuture(
        ErrorCode.NOT_IMPLEMENTED.because("locks are not shared"));
  }

  /** Like {@link #flush(long)}, and gives up the fcntl locks that the process has of the file. */
  default CompletableFuture<Void> flush(long handle, long lockOwner) {
    return flush(handle);
  }

  /**
   * Like {@link #setAttributes(long, AttributeChange)}, for a caller that has the file open. Fails
   * when the handle is no longer good for writing.
   */
  default CompletableFuture<Attributes> setAttributes(
      long inode, long handle, AttributeChange change) {
    return setAttributes(inode, change);
  }

  /** At close(2): everything written is committed when the future is done. */
  CompletableFuture<Void> flush(long handle);

  /**
   * At fsync(2): everything written, and the file's names, are on the disks of all who keep them.
   */
  CompletableFuture<Void> fsync(long handle);

  /** The last descriptor of the handle is closed. */
  CompletableFuture<Void> release(long handle);

  CompletableFuture<Long> openDirectory(long inode);

  /**
   * Lists behind the cookie (0: from the beginning). What is there during the whole listing is
   * listed exactly once.
   *
   * @param mostEntries a hint of how many entries the caller has room for
   */
  CompletableFuture<Listing> readDirectory(
      long handle, long cookie, int mostEntries, boolean withAttributes);

  CompletableFuture<Void> fsyncDirectory(long handle);

  CompletableFuture<Void> releaseDirectory(long handle);

  CompletableFuture<ByteString> getXattr(long inode, ByteString name);

  CompletableFuture<List<ByteString>> listXattrs(long inode);

  CompletableFuture<Void> setXattr(
      long inode, ByteString name, ByteString value, boolean createOnly, boolean replaceOnly);

  CompletableFuture<Void> removeXattr(long inode, ByteString name);

  /** The leases of files below the directory, with their paths from there. */
  CompletableFuture<List<LeaseStatus>> leasesBelow(long directory);

  CompletableFuture<Capacity> capacity();

  /**
   * Changes a range of a file. Of one with many extents others may see a part of it changed before
   * the future is done.
   *
   * @param clearSetIdBits the caller is unprivileged
   */
  CompletableFuture<Void> changeRange(
      long handle, RangeChange change, long offset, long length, boolean clearSetIdBits);

  /**
   * Copies a range, or the first part of one with many extents. Returns the number of bytes copied;
   * 0 at the end of the source.
   *
   * @param clearSetIdBits the caller is unprivileged
   */
  CompletableFuture<Long> copyRange(
      long sourceHandle,
      long sourceOffset,
      long targetHandle,
      long targetOffset,
      long length,
      boolean clearSetIdBits);

  /** SEEK_DATA (hole false) or SEEK_HOLE of lseek(2); {@code NO_DATA_THERE} behind the end. */
  CompletableFuture<Long> seek(long handle, long offset, boolean hole);

  /** Writes back and commits everything, gives up the session and closes all connections. */
  @Override
  void close();
}
