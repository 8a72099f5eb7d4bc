package dev.cairn.client.vfs;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.LeaseStatus;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;

/** Hands everything on to another filesystem, but for what a subclass does itself. */
public abstract class ForwardingVfs implements Vfs {

  private final Vfs below;

  protected ForwardingVfs(Vfs below) {
    this.below = below;
  }

  @Override
  public CompletableFuture<Attributes> lookup(long parent, ByteString name) {
    return below.lookup(parent, name);
  }

  @Override
  public CompletableFuture<Attributes> getAttributes(long inode) {
    return below.getAttributes(inode);
  }

  @Override
  public CompletableFuture<Attributes> setAttributes(long inode, AttributeChange change) {
    return below.setAttributes(inode, change);
  }

  @Override
  public CompletableFuture<ByteString> readSymlink(long inode) {
    return below.readSymlink(inode);
  }

  @Override
  public CompletableFuture<Attributes> symlink(
      Caller caller, long parent, ByteString name, ByteString target) {
    return below.symlink(caller, parent, name, target);
  }

  @Override
  public CompletableFuture<Attributes> makeDirectory(
      Caller caller, long parent, ByteString name, int permissions) {
    return below.makeDirectory(caller, parent, name, permissions);
  }

  @Override
  public CompletableFuture<Attributes> makeNode(
      Caller caller, long parent, ByteString name, FileType type, int permissions, int device) {
    return below.makeNode(caller, parent, name, type, permissions, device);
  }

  @Override
  public CompletableFuture<Attributes> link(long inode, long newParent, ByteString newName) {
    return below.link(inode, newParent, newName);
  }

  @Override
  public CompletableFuture<Void> unlink(long parent, ByteString name) {
    return below.unlink(parent, name);
  }

  @Override
  public CompletableFuture<Void> removeDirectory(long parent, ByteString name) {
    return below.removeDirectory(parent, name);
  }

  @Override
  public CompletableFuture<Void> rename(
      long parent,
      ByteString name,
      long newParent,
      ByteString newName,
      boolean noReplace,
      boolean exchange) {
    return below.rename(parent, name, newParent, newName, noReplace, exchange);
  }

  @Override
  public CompletableFuture<Opened> open(long inode, OpenFlags flags) {
    return below.open(inode, flags);
  }

  @Override
  public CompletableFuture<Created> create(
      Caller caller,
      long parent,
      ByteString name,
      int permissions,
      boolean exclusive,
      OpenFlags flags) {
    return below.create(caller, parent, name, permissions, exclusive, flags);
  }

  @Override
  public CompletableFuture<Integer> read(long handle, long offset, ByteBuffer into) {
    return below.read(handle, offset, into);
  }

  @Override
  public CompletableFuture<Integer> write(
      long handle, long offset, ByteBuffer from, boolean clearSetIdBits) {
    return below.write(handle, offset, from, clearSetIdBits);
  }

  @Override
  public CompletableFuture<Integer> append(
      long handle, long assumedOffset, ByteBuffer from, boolean clearSetIdBits) {
    return below.append(handle, assumedOffset, from, clearSetIdBits);
  }

  @Override
  public void onStalePages(LongConsumer listener) {
    below.onStalePages(listener);
  }

  @Override
  public boolean sharesLocks() {
    return below.sharesLocks();
  }

  @Override
  public CompletableFuture<Locked> lock(long handle, FileLock lock, CompletableFuture<?> giveUp) {
    return below.lock(handle, lock, giveUp);
  }

  @Override
  public CompletableFuture<FileLock> testLock(long handle, FileLock lock) {
    return below.testLock(handle, lock);
  }

  @Override
  public CompletableFuture<Void> flush(long handle, long lockOwner) {
    return below.flush(handle, lockOwner);
  }

  @Override
  public CompletableFuture<Attributes> setAttributes(
      long inode, long handle, AttributeChange change) {
    return below.setAttributes(inode, handle, change);
  }

  @Override
  public CompletableFuture<Void> flush(long handle) {
    return below.flush(handle);
  }

  @Override
  public CompletableFuture<Void> fsync(long handle) {
    return below.fsync(handle);
  }

  @Override
  public CompletableFuture<Void> release(long handle) {
    return below.release(handle);
  }

  @Override
  public CompletableFuture<Long> openDirectory(long inode) {
    return below.openDirectory(inode);
  }

  @Override
  public CompletableFuture<Listing> readDirectory(
      long handle, long cookie, int mostEntries, boolean withAttributes) {
    return below.readDirectory(handle, cookie, mostEntries, withAttributes);
  }

  @Override
  public CompletableFuture<Void> fsyncDirectory(long handle) {
    return below.fsyncDirectory(handle);
  }

  @Override
  public CompletableFuture<Void> releaseDirectory(long handle) {
    return below.releaseDirectory(handle);
  }

  @Override
  public CompletableFuture<ByteString> getXattr(long inode, ByteString name) {
    return below.getXattr(inode, name);
  }

  @Override
  public CompletableFuture<List<ByteString>> listXattrs(long inode) {
    return below.listXattrs(inode);
  }

  @Override
  public CompletableFuture<Void> setXattr(
      long inode, ByteString name, ByteString value, boolean createOnly, boolean replaceOnly) {
    return below.setXattr(inode, name, value, createOnly, replaceOnly);
  }

  @Override
  public CompletableFuture<Void> removeXattr(long inode, ByteString name) {
    return below.removeXattr(inode, name);
  }

  @Override
  public CompletableFuture<List<LeaseStatus>> leasesBelow(long directory) {
    return below.leasesBelow(directory);
  }

  @Override
  public CompletableFuture<Capacity> capacity() {
    return below.capacity();
  }

  @Override
  public CompletableFuture<Void> changeRange(
      long handle, RangeChange change, long offset, long length) {
    return below.changeRange(handle, change, offset, length);
  }

  @Override
  public CompletableFuture<Long> copyRange(
      long sourceHandle, long sourceOffset, long targetHandle, long targetOffset, long length) {
    return below.copyRange(sourceHandle, sourceOffset, targetHandle, targetOffset, length);
  }

  @Override
  public CompletableFuture<Long> seek(long handle, long offset, boolean hole) {
    return below.seek(handle, offset, hole);
  }

  @Override
  public void close() {
    below.close();
  }
}
