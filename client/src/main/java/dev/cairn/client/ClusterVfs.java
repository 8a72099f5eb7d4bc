package dev.cairn.client;

import com.google.protobuf.ByteString;
import dev.cairn.client.data.DataLinks;
import dev.cairn.client.data.ServerTable;
import dev.cairn.client.directory.DirectoryStream;
import dev.cairn.client.directory.KnownNames;
import dev.cairn.client.file.OpenFiles;
import dev.cairn.client.master.ClientName;
import dev.cairn.client.master.Holdings;
import dev.cairn.client.master.Master;
import dev.cairn.client.master.Registration;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.LeaseTerm;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.metrics.Source;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.ChangeRangeRequest;
import dev.cairn.rpc.proto.CloneRangeRequest;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.HeldLease;
import dev.cairn.rpc.proto.LeaseStatus;
import dev.cairn.rpc.proto.ListLeasesRequest;
import dev.cairn.rpc.proto.SetAttributesRequest;
import dev.cairn.rpc.proto.TakeLeaseRequest;
import dev.cairn.rpc.wire.SocketTransport;
import dev.cairn.rpc.wire.Transport;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cluster as a filesystem. Names and attributes are {@link Namespace}'s; what is kept here is
 * what open files and listings are made of.
 */
public final class ClusterVfs implements Vfs {

  private static final Logger LOG = LoggerFactory.getLogger(ClusterVfs.class);

  private static final Duration NOTE_ACCESS_PERIOD = Duration.ofSeconds(5);

  private final Timer timer = new Timer();
  private final ServerTable servers = new ServerTable(System::nanoTime);
  private final DataLinks links;
  private final Map<Long, DirectoryStream> directories = new ConcurrentHashMap<>();
  private final KnownNames knownNames = new KnownNames();
  private final AtomicLong lastDirectory = new AtomicLong();
  private final ClientThreads threads;
  private final Master master;
  private final OpenFiles files;
  private final Namespace names;
  private final AccessTimes accessTimes;
  private final LongAdder readBytes = new LongAdder();
  private final LongAdder writtenBytes = new LongAdder();
  private final long bufferBytes;

  private ClusterVfs(
      Masters masters, ClientName name, ClientSettings settings, Transport dataPorts) {
    this.bufferBytes = settings.writeBufferBytes();
    this.links = new DataLinks(dataPorts, this::clusterId);
    this.threads = ClientThreads.start(settings.dataThreads());
    this.master =
        new Master(
            masters,
            settings.connectPatience(),
            settings.masterPatience(),
            name,
            timer,
            servers::learn,
            new OpenFilesOfSession());
    this.files = new OpenFiles(settings, master, servers, links, threads, timer);
    this.accessTimes = new AccessTimes(master::noteAccess, ClusterVfs::now);
    this.names = new Namespace(master, this::visible);
    timer.every(NOTE_ACCESS_PERIOD, accessTimes::flush);
  }

  /** Of the cluster, which the first session says; empty before. */
  private String clusterId() {
    return master.clusterId();
  }

  private static long now() {
    Instant now = Instant.now();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }

  private Attributes visible(Attributes attributes) {
    return accessTimes.shown(files.visible(attributes));
  }

  /** What this client does, for those who watch it. */
  public Source metrics() {
    return new ClientMetrics(files, bufferBytes, readBytes, writtenBytes);
  }

  /** From now on what is read gets times of access. */
  public void keepAccessTimes() {
    accessTimes.keep();
  }

  /** The open files as the session speaks of them, which is there before they are. */
  private final class OpenFilesOfSession implements Holdings {

    @Override
    public Set<Long> openInodes() {
      return files.inodes();
    }

    @Override
    public Set<Long> writtenInodes() {
      return files.writtenInodes();
    }

    @Override
    public List<HeldLease> leases() {
      return files.leases();
    }

    @Override
    public void leasesLost(List<HeldLease> lost) {
      files.leasesLost(lost);
    }

    @Override
    public void masterRestarted() {
      files.masterRestarted();
    }

    @Override
    public void sessionLost(Registration session) {
      files.sessionLost(session);
    }
  }

  /**
   * Registers a session at the master that leads.
   *
   * @param description for people: what this client is
   * @throws CairnException when the master can't be reached
   */
  public static ClusterVfs connect(Masters masters, String description, ClientSettings settings)
      throws CairnException {
    return connect(masters, description, settings, new SocketTransport());
  }

  /**
   * The same for a command: leases are taken for its user, and stay when the session ends.
   *
   * @param user as user@host
   */
  public static ClusterVfs connectFor(
      String user, Masters masters, String description, ClientSettings settings)
      throws CairnException {
    return connect(masters, new ClientName(description, user), settings, new SocketTransport());
  }

  /**
   * The same for a client that serves metrics.
   *
   * @param http where, as a URL; empty: it does not
   */
  public static ClusterVfs connectServing(
      String http, Masters masters, String description, ClientSettings settings)
      throws CairnException {
    return connect(masters, new ClientName(description, "", http), settings, new SocketTransport());
  }

  /** The same, over a given way to the data ports of the chunk servers. */
  public static ClusterVfs connect(
      Masters masters, String description, ClientSettings settings, Transport dataPorts)
      throws CairnException {
    return connect(masters, new ClientName(description, ""), settings, dataPorts);
  }

  private static ClusterVfs connect(
      Masters masters, ClientName name, ClientSettings settings, Transport dataPorts)
      throws CairnException {
    ClusterVfs vfs = new ClusterVfs(masters, name, settings, dataPorts);
    try {
      Failures.await(vfs.master.connected());
      return vfs;
    } catch (CairnException e) {
      vfs.release();
      throw e;
    }
  }

  /** Connects with the settings of a mount. */
  public static ClusterVfs connect(Masters masters, String description) throws CairnException {
    return connect(masters, description, ClientSettings.forMount());
  }

  @Override
  public CompletableFuture<Attributes> lookup(long parent, ByteString name) {
    return names
        .lookup(parent, name)
        .thenApply(
            attributes -> {
              knownNames.saw(attributes.getInode(), parent, name);
              return attributes;
            });
  }

  @Override
  public CompletableFuture<Attributes> getAttributes(long inode) {
    return names.getAttributes(inode);
  }

  @Override
  public CompletableFuture<Attributes> setAttributes(long inode, AttributeChange change) {
    names.changes(inode);
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
                  .setAttributes(request, files.held(inode))
                  .thenApply(reply -> files.replaced(reply.getAttributes())));
    }
    // A commit sets mtime: one that is set by hand must come behind it.
    return files.afterWriteBack(
        inode,
        () ->
            change.atime() == null && !change.atimeNow()
                ? names.setAttributes(request)
                : accessTimes.forget(inode).thenCompose(told -> names.setAttributes(request)));
  }

  @Override
  public CompletableFuture<ByteString> readSymlink(long inode) {
    accessTimes.read(inode);
    return names.readSymlink(inode);
  }

  @Override
  public CompletableFuture<Attributes> symlink(
      Caller caller, long parent, ByteString name, ByteString target) {
    return names.symlink(caller, parent, name, target);
  }

  @Override
  public CompletableFuture<Attributes> makeDirectory(
      Caller caller, long parent, ByteString name, int permissions) {
    return names.makeDirectory(caller, parent, name, permissions);
  }

  @Override
  public CompletableFuture<Attributes> makeNode(
      Caller caller, long parent, ByteString name, FileType type, int permissions, int device) {
    return names.makeNode(caller, parent, name, type, permissions, device);
  }

  @Override
  public CompletableFuture<Attributes> link(long inode, long newParent, ByteString newName) {
    return names.link(inode, newParent, newName);
  }

  @Override
  public CompletableFuture<Void> unlink(long parent, ByteString name) {
    return names.remove(parent, name, false);
  }

  @Override
  public CompletableFuture<Void> removeDirectory(long parent, ByteString name) {
    return names.remove(parent, name, true);
  }

  @Override
  public CompletableFuture<Void> rename(
      long parent,
      ByteString name,
      long newParent,
      ByteString newName,
      boolean noReplace,
      boolean exchange) {
    return names
        .rename(parent, name, newParent, newName, noReplace, exchange)
        .thenAccept(
            reply -> {
              if (reply.getLeaseMoved()) {
                files.leaseMoved(reply.getReplacedInode(), reply.getInode());
              }
            });
  }

  @Override
  public CompletableFuture<Opened> open(long inode, OpenFlags flags) {
    if (!flags.truncate()) {
      return files.open(inode, flags).thenApply(opened -> seen(inode, flags, opened));
    }
    return setAttributes(inode, truncation()).thenCompose(empty -> files.open(inode, flags));
  }

  /** What the kernel has of a file it reads without asking: an open for that counts as a read. */
  private Opened seen(long inode, OpenFlags flags, Opened opened) {
    if (opened.keepCache() && flags.read() && !flags.write()) {
      accessTimes.read(inode);
    }
    return opened;
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
    return names
        .create(caller, parent, name, permissions, exclusive)
        .thenCompose(
            reply -> {
              Attributes attributes = reply.getAttributes();
              knownNames.saw(attributes.getInode(), parent, name);
              if (reply.getCreated()) {
                return CompletableFuture.completedFuture(
                    new Created(attributes, files.created(attributes, flags)));
              }
              return open(attributes.getInode(), flags)
                  .thenApply(opened -> new Created(files.visible(attributes), opened));
            });
  }

  @Override
  public CompletableFuture<Created> createUnnamed(
      Caller caller, long parent, int permissions, OpenFlags flags) {
    return names
        .createUnnamed(caller, parent, permissions)
        .thenApply(
            reply ->
                new Created(reply.getAttributes(), files.created(reply.getAttributes(), flags)));
  }

  @Override
  public CompletableFuture<Integer> read(long handle, long offset, ByteBuffer into) {
    accessTimes.read(files.inode(handle));
    readBytes.add(into.remaining());
    return files.read(handle, offset, into);
  }

  @Override
  public CompletableFuture<Integer> write(
      long handle, long offset, ByteBuffer from, boolean clearSetIdBits) {
    writtenBytes.add(from.remaining());
    return files.write(handle, offset, from, clearSetIdBits);
  }

  @Override
  public CompletableFuture<Integer> append(
      long handle, long assumedOffset, ByteBuffer from, boolean clearSetIdBits) {
    writtenBytes.add(from.remaining());
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
    directories.put(
        handle, new DirectoryStream(master::readDirectory, inode, this::visible, System::nanoTime));
    return CompletableFuture.completedFuture(handle);
  }

  @Override
  public CompletableFuture<Listing> readDirectory(
      long handle, long cookie, int mostEntries, boolean withAttributes) {
    DirectoryStream directory = directories.get(handle);
    if (directory != null && cookie == 0) {
      accessTimes.read(directory.inode());
    }
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
    return names.getXattr(inode, name);
  }

  @Override
  public CompletableFuture<List<ByteString>> listXattrs(long inode) {
    return names.listXattrs(inode);
  }

  @Override
  public CompletableFuture<Void> setXattr(
      long inode, ByteString name, ByteString value, boolean createOnly, boolean replaceOnly) {
    if (name.equals(LEASE)) {
      return takeLease(inode, value.toStringUtf8(), createOnly);
    }
    return names.setXattr(inode, name, value, createOnly, replaceOnly);
  }

  private CompletableFuture<Void> takeLease(long inode, String term, boolean exclusive) {
    TakeLeaseRequest.Builder request =
        TakeLeaseRequest.newBuilder().setInode(inode).setExclusive(exclusive);
    try {
      request.setTermMillis(LeaseTerm.parse(term).toMillis());
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(ErrorCode.INVALID.because(e.getMessage(), e));
    }
    KnownNames.Seen seen = knownNames.of(inode);
    if (seen != null) {
      request.setParent(seen.parent()).setName(seen.name());
    }
    return files.takeLease(request);
  }

  @Override
  public CompletableFuture<List<LeaseStatus>> leasesBelow(long directory) {
    return leases(directory, 0, new ArrayList<>());
  }

  private CompletableFuture<List<LeaseStatus>> leases(
      long directory, long after, List<LeaseStatus> found) {
    ListLeasesRequest request =
        ListLeasesRequest.newBuilder().setBelowInode(directory).setAfterInode(after).build();
    return master
        .leases()
        .listLeases(request)
        .thenCompose(
            reply -> {
              found.addAll(reply.getLeasesList());
              return reply.getEnd()
                  ? CompletableFuture.completedFuture(found)
                  : leases(directory, reply.getNextInode(), found);
            });
  }

  @Override
  public CompletableFuture<Void> removeXattr(long inode, ByteString name) {
    if (name.equals(LEASE)) {
      return files.releaseLease(inode);
    }
    return names.removeXattr(inode, name);
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
      long handle, RangeChange change, long offset, long length, boolean clearSetIdBits) {
    long inode = files.inode(handle);
    ChangeRangeRequest.Builder request =
        ChangeRangeRequest.newBuilder()
            .setInode(inode)
            .setOffset(offset)
            .setLength(length)
            .setPunchHole(change == RangeChange.PUNCH_HOLE)
            .setKeepSize(change != RangeChange.ALLOCATE)
            .setClearSetIdBits(clearSetIdBits);
    return files
        .checked(handle)
        .thenCompose(
            good ->
                files.afterWriteBack(inode, () -> master.changeRange(request, files.held(inode))))
        .thenAccept(reply -> files.replaced(reply.getAttributes()));
  }

  @Override
  public CompletableFuture<Long> copyRange(
      long sourceHandle,
      long sourceOffset,
      long targetHandle,
      long targetOffset,
      long length,
      boolean clearSetIdBits) {
    long source = files.inode(sourceHandle);
    long target = files.inode(targetHandle);
    accessTimes.read(source);
    CloneRangeRequest.Builder request =
        CloneRangeRequest.newBuilder()
            .setSourceInode(source)
            .setSourceOffset(sourceOffset)
            .setTargetInode(target)
            .setTargetOffset(targetOffset)
            .setLength(length)
            .setClearSetIdBits(clearSetIdBits);
    return files
        .checked(targetHandle)
        .thenCompose(good -> files.afterWriteBack(source, ClusterVfs::nothing))
        .thenCompose(
            written ->
                files.afterWriteBack(target, () -> master.cloneRange(request, files.held(target))))
        .thenApply(
            reply -> {
              files.replaced(reply.getAttributes());
              return reply.getCopied();
            });
  }

  private static CompletableFuture<Void> nothing() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Long> seek(long handle, long offset, boolean hole) {
    return files.seek(handle, offset, hole);
  }

  @Override
  public void close() {
    try {
      Failures.await(files.flushAll());
      Failures.await(accessTimes.flush());
    } catch (CairnException e) {
      LOG.error("not everything could be written back: {}", e.getMessage());
    }
    release();
  }

  private void release() {
    master.close();
    links.close();
    timer.close();
    threads.close();
  }
}
