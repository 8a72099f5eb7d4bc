package dev.cairn.client;

import com.google.protobuf.ByteString;
import dev.cairn.client.directory.ChangedDirectories;
import dev.cairn.client.master.Master;
import dev.cairn.client.vfs.Vfs.Caller;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.AttributesReply;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.EntryReply;
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
import dev.cairn.rpc.proto.RenameReply;
import dev.cairn.rpc.proto.RenameRequest;
import dev.cairn.rpc.proto.SetAttributesRequest;
import dev.cairn.rpc.proto.SetXattrRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * Names, attributes and extended attributes, asked of the master every time; but for the attributes
 * of a directory that the reply to a change in it has just told.
 */
final class Namespace {

  private final Master master;
  private final UnaryOperator<Attributes> visible;
  private final ChangedDirectories changedDirectories = new ChangedDirectories(System::nanoTime);

  /**
   * @param visible makes of the master's attributes those that this client's unwritten bytes give
   *     the file
   */
  Namespace(Master master, UnaryOperator<Attributes> visible) {
    this.master = master;
    this.visible = visible;
  }

  /** What the reply to a change has told of the inode is no longer right. */
  void changes(long inode) {
    changedDirectories.forget(inode);
  }

  private Attributes seen(EntryReply reply) {
    return visible.apply(reply.getAttributes());
  }

  private Attributes seen(AttributesReply reply) {
    return visible.apply(reply.getAttributes());
  }

  /** The same, of a reply that may tell the attributes of the directory it put an entry into. */
  private Attributes added(EntryReply reply) {
    if (reply.hasParentAttributes()) {
      changedDirectories.changed(List.of(reply.getParentAttributes()));
    }
    return seen(reply);
  }

  CompletableFuture<Attributes> lookup(long parent, ByteString name) {
    LookupRequest request = LookupRequest.newBuilder().setParent(parent).setName(name).build();
    return master.lookup(request).thenApply(this::seen);
  }

  CompletableFuture<Attributes> getAttributes(long inode) {
    Attributes told = changedDirectories.take(inode);
    if (told != null) {
      return CompletableFuture.completedFuture(told);
    }
    GetAttributesRequest request = GetAttributesRequest.newBuilder().setInode(inode).build();
    return master.getAttributes(request).thenApply(this::seen);
  }

  CompletableFuture<Attributes> setAttributes(SetAttributesRequest.Builder request) {
    return master.setAttributes(request).thenApply(reply -> visible.apply(reply.getAttributes()));
  }

  CompletableFuture<ByteString> readSymlink(long inode) {
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

  CompletableFuture<Attributes> symlink(
      Caller caller, long parent, ByteString name, ByteString target) {
    return master
        .create(creation(caller, parent, name, FileType.SYMLINK, 0777).setSymlinkTarget(target))
        .thenApply(this::added);
  }

  CompletableFuture<Attributes> makeDirectory(
      Caller caller, long parent, ByteString name, int permissions) {
    return master
        .create(creation(caller, parent, name, FileType.DIRECTORY, permissions))
        .thenApply(this::added);
  }

  CompletableFuture<Attributes> makeNode(
      Caller caller, long parent, ByteString name, FileType type, int permissions, int device) {
    return master
        .create(creation(caller, parent, name, type, permissions).setDevice(device))
        .thenApply(this::added);
  }

  /** Makes a regular file that is open; one that is there is not made, unless that is an error. */
  CompletableFuture<EntryReply> create(
      Caller caller, long parent, ByteString name, int permissions, boolean exclusive) {
    return master
        .create(
            creation(caller, parent, name, FileType.REGULAR, permissions)
                .setExclusive(exclusive)
                .setOpen(true))
        .thenApply(reply -> reply.toBuilder().setAttributes(added(reply)).build());
  }

  /** Makes a regular file that is open and has no name. */
  CompletableFuture<EntryReply> createUnnamed(Caller caller, long parent, int permissions) {
    return master.create(
        creation(caller, parent, ByteString.EMPTY, FileType.REGULAR, permissions)
            .setUnnamed(true)
            .setOpen(true));
  }

  CompletableFuture<Attributes> link(long inode, long newParent, ByteString newName) {
    return master
        .link(LinkRequest.newBuilder().setInode(inode).setNewParent(newParent).setNewName(newName))
        .thenApply(this::added);
  }

  CompletableFuture<Void> remove(long parent, ByteString name, boolean directory) {
    return master
        .remove(RemoveRequest.newBuilder().setParent(parent).setName(name).setDirectory(directory))
        .thenAccept(
            reply -> {
              changedDirectories.forget(reply.getInode());
              changedDirectories.changed(List.of(reply.getParentAttributes()));
            });
  }

  CompletableFuture<RenameReply> rename(
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
        .thenApply(
            reply -> {
              changedDirectories.changed(reply.getParentAttributesList());
              return reply;
            });
  }

  CompletableFuture<ByteString> getXattr(long inode, ByteString name) {
    GetXattrRequest request = GetXattrRequest.newBuilder().setInode(inode).setName(name).build();
    return master.getXattr(request).thenApply(reply -> reply.getValue());
  }

  CompletableFuture<List<ByteString>> listXattrs(long inode) {
    ListXattrsRequest request = ListXattrsRequest.newBuilder().setInode(inode).build();
    return master.listXattrs(request).thenApply(reply -> reply.getNamesList());
  }

  CompletableFuture<Void> setXattr(
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

  CompletableFuture<Void> removeXattr(long inode, ByteString name) {
    changedDirectories.forget(inode);
    return master
        .removeXattr(RemoveXattrRequest.newBuilder().setInode(inode).setName(name))
        .thenApply(reply -> null);
  }
}
