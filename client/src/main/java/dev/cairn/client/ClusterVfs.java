package dev.cairn.client;

import com.google.protobuf.ByteString;
import dev.cairn.client.data.DataLinks;
import dev.cairn.client.data.ServerTable;
import dev.cairn.client.directory.ChangedDirectories;
import dev.cairn.client.directory.DirectoryStream;
import dev.cairn.client.file.OpenFiles;
import dev.cairn.client.master.Master;
import dev.cairn.client.master.Registration;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.AttributesReply;
import dev.cairn.rpc.proto.ChangeRangeRequest;
import dev.cairn.rpc.proto.CloneRangeRequest;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.EntryReply;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.GetAttributesRequest;
import dev.cairn.rpc.proto.GetXattrRequest;
import dev.cairn.rpc.proto.LinkRequest;
import dev.cairn.rpc.proto.ListXattrsRequest;
import dev.cairn.rpc.proto.LookupRequest;
import dev.cairn.rpc.proto.ReadSymlinkReply;
import dev.cairn.rpc.proto.ReadSymlinkRequest;
import dev.cairn.rpc.proto.RemoveRequest;
import dev.cairn.rpc.proto.RemoveXattrRequest;
import dev.cairn.rpc.proto.RenameRequest;
import dev.cairn.rpc.proto.SetAttributesRequest;
import dev.cairn.rpc.proto.SetXattrRequest;
import dev.cairn.rpc.wire.SocketTransport;
import dev.cairn.rpc.wire.Transport;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cluster as a filesystem. Names and attributes are asked of the master every time, but for those
 * of a directory that the reply to a change has just told; what is kept here otherwise is what open
 * files and listings are made of.
 */
public final class ClusterVfs implements Vfs {

  private static final Logger LOG = LoggerFactory.getLogger(ClusterVfs.class);

  private final Timer timer = new Timer();
  private final ServerTable servers = new ServerTable(System::nanoTime);
  private final DataLinks links;
  private final Map<Long, DirectoryStream> directories = new ConcurrentHashMap<>();
  private final ChangedDirectories changedDirectories = new ChangedDirectories(System::nanoTime);
  private final AtomicLong lastDirectory = new AtomicLong();
  private final ExecutorService dataThreads;
  private final Master master;
  private final OpenFiles files;

  private ClusterVfs(
      HostPort address, String description, ClientSettings settings, Transport dataPorts) {
    this.links = new DataLinks(dataPorts);
    this.dataThreads = DataThreads.start(settings.dataThreads());
    this.master =
        new Master(
            address,
            settings.masterPatience(),
            description,
            timer,
            servers::learn,
            this::openInodes,
            this::sessionLost);
    this.files = new OpenFiles(settings, master, servers, links, dataThreads, timer);
  }

  private void sessionLost(Registration session) {
    files.sessionLost(session);
  }

  private java.util.Set<Long> openInodes() {
    return files.inodes();
  }

  /**
   * Registers a session at the master.
   *
   * @param description for people: what this client is
   * @throws CairnException when the master can't be reached
   */
  public static ClusterVfs connect(HostPort master, String description, ClientSettings settings)
      throws CairnException {
    return connect(master, description, settings, new SocketTransport());
  }

  /** The same, over a given way to the data ports of the chunk servers. */
  public static ClusterVfs connect(
      HostPort master, String description, ClientSettings settings, Transport dataPorts)
      throws CairnException {
    ClusterVfs vfs = new ClusterVfs(master, description, settings, dataPorts);
    try {
      Failures.await(vfs.master.connected());
      return vfs;
    } catch (CairnException e) {
      vfs.release();
      throw e;
    }
  }

  /** Connects with the settings of a mount. */
  public static ClusterVfs connect(HostPort master, String description) throws CairnException {
    return connect(master, description, ClientSettings.forMount());
  }

  private Attributes seen(EntryReply reply) {
    return files.visible(reply.getAttributes());
  }

  private Attributes seen(AttributesReply reply) {
    return files.visible(reply.getAttributes());
  }

  /** The same, of a reply that may tell the attributes of the directory it put an entry into. */
  private Attributes added(EntryReply reply) {
    if (reply.hasParentAttributes()) {
      changedDirectories.changed(List.of(reply.getParentAttributes()));
    }
    return seen(reply);
  }

  @Override
  public CompletableFuture<Attributes> lookup(long parent, ByteString name) {
    LookupRequest request = LookupRequest.newBuilder().setParent(parent).setName(name).build();
    return master.lookup(request).thenApply(this::seen);
  }

  @Override
  public CompletableFuture<Attributes> getAttributes(long inode) {
    Attributes told = changedDirectories.take(inode);
    if (told != null) {
      return CompletableFuture.completedFuture(told);
    }
    GetAttributesRequest request = GetAttributesRequest.newBuilder().setInode(inode).build();
    return master.getAttributes(request).thenApply(this::seen);
  }

  @Override
  public CompletableFuture<Attributes> setAttributes(long inode, AttributeChange change) {
    changedDirectories.forget(inode);
    SetAttributesRequest.Builder request =
        SetAttributesRequest.newBuilder()
            .setInode(inode)
            .setAtimeNow(change.atimeNow())
            .setMtimeNow(change.mtimeNow())
            .setClearSetIdBits(change.clearSetIdBits());
    if (change.permissions() != null) {
      request.setPermissions(change.permissions());
    }
    if (change.uid() != null) {
      request.setUid(change.uid());
    }
    if (change.gid() != null) {
      request.setGid(change.gid());
    }
    if (change.atime() != null) {
      request.setAtime(change.atime());
    }
    if (change.mtime() != null) {
      request.setMtime(change.mtime());
    }
    if (change.size() != null) {
      request.setSize(change.size());
      return files.afterWriteBack(
          inode,
          () ->
              master
                  .setAttributes(request, files.lockSession(inode))
                  .thenApply(reply -> files.replaced(reply.getAttributes())));
    }
    // A commit sets mtime: one that is set by hand must come behind it.
    return files.afterWriteBack(inode, () -> master.setAttributes(request).thenApply(this::seen));
  }

  @Override
  public CompletableFuture<ByteString> readSymlink(long inode) {
    ReadSymlinkRequest request = ReadSymlinkRequest.newBuilder().setInode(inode).build();
    return master.readSymlink(request).thenApply(ReadSymlinkReply::getTarget);
  }

  private static CreateRequest.Builder creation(
      Caller caller, long parent, ByteString name, FileType type, int permissions) {
    return CreateRequest.newBuilder()
        .setParent(parent)
        .setName(name)
        .setType(type)
        .setPermissions(permissions)
        .setUid(caller.uid())
        .setGid(caller.gid())
        .setExclusive(true);
  }

  @Override
  public CompletableFuture<Attributes> symlink(
      Caller caller, long parent, ByteString name, ByteString target) {
    return master
        .create(creation(caller, parent, name, FileType.SYMLINK, 0777).setSymlinkTarget(target))
        .thenApply(this::added);
  }

  @Override
  public CompletableFuture<Attributes> makeDirectory(
      Caller caller, long parent, ByteString name, int permissions) {
    return master
        .create(creation(caller, parent, name, FileType.DIRECTORY, permissions))
        .thenApply(this::added);
  }

  @Override
  public CompletableFuture<Attributes> makeNode(
      Caller caller, long parent, ByteString name, FileType type, int permissions, int device) {
    return master
        .create(creation(caller, parent, name, type, permissions).setDevice(device))
        .thenApply(this::added);
  }

  @Override
  public CompletableFuture<Attributes> link(long inode, long newParent, ByteString newName) {
    return master
        .link(LinkRequest.newBuilder().setInode(inode).setNewParent(newParent).setNewName(newName))
        .thenApply(this::added);
  }

  @Override
  public CompletableFuture<Void> unlink(long parent, ByteString name) {
    return remove(parent, name, false);
  }

  @Override
  public CompletableFuture<Void> removeDirectory(long parent, ByteString name) {
    return remove(parent, name, true);
  }

  private CompletableFuture<Void> remove(long parent, ByteString name, boolean directory) {
    return master
        .remove(RemoveRequest.newBuilder().setParent(parent).setName(name).setDirectory(directory))
        .thenAccept(
            reply -> {
              changedDirectories.forget(reply.getInode());
              changedDirectories.changed(List.of(reply.getParentAttributes()));
            });
  }

  @Override
  public CompletableFuture<Void> rename(
      long parent,
      ByteString name,
      long newParent,
      ByteString newName,
      boolean noReplace,
      boolean exchange) {
    return master
        .rename(
            RenameRequest.newBuilder()
                .setParent(parent)
                .setName(name)
                .setNewParent(newParent)
                .setNewName(newName)
                .setNoReplace(noReplace)
                .setExchange(exchange))
        .thenAccept(reply -> changedDirectories.changed(reply.getParentAttributesList()));
  }

  @Override
  public CompletableFuture<Opened> open(long inode, OpenFlags flags) {
    if (!flags.truncate()) {
      return files.open(inode, flags);
    }
    return setAttributes(inode, truncation()).thenCompose(empty -> files.open(inode, flags));
  }

  private static AttributeChange truncation() {
    return new AttributeChange(null, null, null, 0L, null, null, false, false, false);
  }

  @Override
  public CompletableFuture<Created> create(
      Caller caller,
      long parent,
      ByteString name,
      int permissions,
      boolean exclusive,
      OpenFlags flags) {
    return master
        .create(
            creation(caller, parent, name, FileType.REGULAR, permissions)
                .setExclusive(exclusive)
                .setOpen(true))
        .thenCompose(
            reply -> {
              Attributes attributes = added(reply);
              if (reply.getCreated()) {
                return CompletableFuture.completedFuture(
                    new Created(attributes, files.created(attributes, flags)));
              }
              return open(attributes.getInode(), flags)
                  .thenApply(opened -> new Created(files.visible(attributes), opened));
            });
  }

  @Override
  public CompletableFuture<Integer> read(long handle, long offset, ByteBuffer into) {
    return files.read(handle, offset, into);
  }

  @Override
  public CompletableFuture<Integer> write(
      long handle, long offset, ByteBuffer from, boolean clearSetIdBits) {
    return files.write(handle, offset, from, clearSetIdBits);
  }

  @Override
  public CompletableFuture<Integer> append(
      long handle, long assumedOffset, ByteBuffer from, boolean clearSetIdBits) {
    return files.append(handle, assumedOffset, from, clearSetIdBits);
  }

  @Override
  public void onStalePages(LongConsumer listener) {
    files.onStalePages(listener);
  }

  @Override
  public CompletableFuture<Void> flush(long handle) {
    return files.flush(handle);
  }

  @Override
  public CompletableFuture<Void> flush(long handle, long lockOwner) {
    return files.flush(handle, lockOwner);
  }

  @Override
  public boolean sharesLocks() {
    return true;
  }

  @Override
  public CompletableFuture<Locked> lock(long handle, FileLock lock, CompletableFuture<?> giveUp) {
    return files.lock(handle, lock, giveUp);
  }

  @Override
  public CompletableFuture<FileLock> testLock(long handle, FileLock lock) {
    return files.testLock(handle, lock);
  }

  @Override
  public CompletableFuture<Attributes> setAttributes(
      long inode, long handle, AttributeChange change) {
    return files.checked(handle).thenCompose(good -> setAttributes(inode, change));
  }

  @Override
  public CompletableFuture<Void> fsync(long handle) {
    return files.fsync(handle);
  }

  @Override
  public CompletableFuture<Void> release(long handle) {
    return files.release(handle);
  }

  @Override
  public CompletableFuture<Long> openDirectory(long inode) {
    long handle = lastDirectory.incrementAndGet();
    directories.put(handle, new DirectoryStream(master, inode, files::visible));
    return CompletableFuture.completedFuture(handle);
  }

  @Override
  public CompletableFuture<Listing> readDirectory(
      long handle, long cookie, int mostEntries, boolean withAttributes) {
    DirectoryStream directory = directories.get(handle);
    return directory != null
        ? directory.list(cookie, withAttributes)
        : CompletableFuture.failedFuture(
            ErrorCode.BAD_HANDLE.because("there is no open directory " + handle));
  }

  @Override
  public CompletableFuture<Void> fsyncDirectory(long handle) {
    return master.force();
  }

  @Override
  public CompletableFuture<Void> releaseDirectory(long handle) {
    directories.remove(handle);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<ByteString> getXattr(long inode, ByteString name) {
    GetXattrRequest request = GetXattrRequest.newBuilder().setInode(inode).setName(name).build();
    return master.getXattr(request).thenApply(reply -> reply.getValue());
  }

  @Override
  public CompletableFuture<List<ByteString>> listXattrs(long inode) {
    ListXattrsRequest request = ListXattrsRequest.newBuilder().setInode(inode).build();
    return master.listXattrs(request).thenApply(reply -> reply.getNamesList());
  }

  @Override
  public CompletableFuture<Void> setXattr(
      long inode, ByteString name, ByteString value, boolean createOnly, boolean replaceOnly) {
    changedDirectories.forget(inode);
    return master
        .setXattr(
            SetXattrRequest.newBuilder()
                .setInode(inode)
                .setName(name)
                .setValue(value)
                .setCreateOnly(createOnly)
                .setReplaceOnly(replaceOnly))
        .thenApply(reply -> null);
  }

  @Override
  public CompletableFuture<Void> removeXattr(long inode, ByteString name) {
    changedDirectories.forget(inode);
    return master
        .removeXattr(RemoveXattrRequest.newBuilder().setInode(inode).setName(name))
        .thenApply(reply -> null);
  }

  @Override
  public CompletableFuture<Capacity> capacity() {
    return master
        .statFilesystem()
        .thenApply(
            reply -> new Capacity(reply.getTotalBytes(), reply.getFreeBytes(), reply.getInodes()));
  }

  @Override
  public CompletableFuture<Void> changeRange(
      long handle, RangeChange change, long offset, long length) {
    long inode = files.inode(handle);
    Supplier<CompletableFuture<Void>> changing =
        () ->
            master
                .changeRange(
                    ChangeRangeRequest.newBuilder()
                        .setInode(inode)
                        .setOffset(offset)
                        .setLength(length)
                        .setPunchHole(change == RangeChange.PUNCH_HOLE)
                        .setKeepSize(change != RangeChange.ALLOCATE),
                    files.lockSession(inode))
                .thenAccept(reply -> files.replaced(reply.getAttributes()));
    return files.checked(handle).thenCompose(good -> files.afterWriteBack(inode, changing));
  }

  @Override
  public CompletableFuture<Long> copyRange(
      long sourceHandle, long sourceOffset, long targetHandle, long targetOffset, long length) {
    long source = files.inode(sourceHandle);
    long target = files.inode(targetHandle);
    return files
        .checked(targetHandle)
        .thenCompose(
            good ->
                files.afterWriteBack(
                    source,
                    () ->
                        files.afterWriteBack(
                            target,
                            () -> clone(source, sourceOffset, target, targetOffset, length))));
  }

  private CompletableFuture<Long> clone(
      long source, long sourceOffset, long target, long targetOffset, long length) {
    return getAttributes(source)
        .thenCompose(
            attributes -> {
              long copied = Math.min(length, attributes.getSize() - sourceOffset);
              if (copied <= 0) {
                return CompletableFuture.completedFuture(0L);
              }
              return master
                  .cloneRange(
                      CloneRangeRequest.newBuilder()
                          .setSourceInode(source)
                          .setSourceOffset(sourceOffset)
                          .setTargetInode(target)
                          .setTargetOffset(targetOffset)
                          .setLength(copied),
                      files.lockSession(target))
                  .thenApply(
                      reply -> {
                        files.replaced(reply.getAttributes());
                        return copied;
                      });
            });
  }

  @Override
  public CompletableFuture<Long> seek(long handle, long offset, boolean hole) {
    return files.seek(handle, offset, hole);
  }

  @Override
  public void close() {
    try {
      Failures.await(files.flushAll());
    } catch (CairnException e) {
      LOG.error("not everything could be written back: {}", e.getMessage());
    }
    release();
  }

  private void release() {
    master.close();
    links.close();
    timer.close();
    dataThreads.shutdown();
  }
}
