package dev.cairn.master.query;

import com.google.protobuf.ByteString;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.decide.Name;
import dev.cairn.master.record.proto.Dentry;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Snapshot;
import dev.cairn.master.store.Store;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.AttributesReply;
import dev.cairn.rpc.proto.DirectoryEntry;
import dev.cairn.rpc.proto.EntryReply;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.GetAttributesRequest;
import dev.cairn.rpc.proto.LookupRequest;
import dev.cairn.rpc.proto.ReadDirectoryReply;
import dev.cairn.rpc.proto.ReadDirectoryRequest;
import dev.cairn.rpc.proto.ReadSymlinkReply;
import dev.cairn.rpc.proto.ReadSymlinkRequest;

/** Names, attributes and listings. */
public final class NamespaceQueries {

  private static final int MOST_ENTRIES = 4096;
  private static final int USUAL_ENTRIES = 1024;

  private final Store store;
  private final MetadataView latest;
  private final Defaults defaults;

  public NamespaceQueries(Store store, Defaults defaults) {
    this.store = store;
    this.latest = new MetadataView(store);
    this.defaults = defaults;
  }

  public EntryReply lookup(LookupRequest request) throws CairnException {
    Name.checkLookup(request.getName());
    try (Snapshot snapshot = store.snapshot()) {
      MetadataView view = new MetadataView(snapshot);
      return EntryReply.newBuilder()
          .setAttributes(defaults.inForce(entry(view, request.getParent(), request.getName())))
          .build();
    }
  }

  private static Inode entry(MetadataView view, long parent, ByteString name)
      throws CairnException {
    if (!name.equals(Name.SELF) && !name.equals(Name.PARENT)) {
      Dentry dentry = view.dentry(parent, name);
      if (dentry != null) {
        return inode(view, dentry.getInode());
      }
    }
    Inode directory = directory(view, parent);
    if (name.equals(Name.SELF)) {
      return directory;
    }
    if (name.equals(Name.PARENT)) {
      return inode(view, directory.getParent());
    }
    throw ErrorCode.NO_ENTRY.because("there is no '" + name.toStringUtf8() + "'");
  }

  public AttributesReply attributes(GetAttributesRequest request) throws CairnException {
    return AttributesReply.newBuilder()
        .setAttributes(defaults.inForce(inode(latest, request.getInode())))
        .build();
  }

  public ReadSymlinkReply symlink(ReadSymlinkRequest request) throws CairnException {
    Inode inode = inode(latest, request.getInode());
    if (inode.getAttributes().getType() != FileType.SYMLINK) {
      throw ErrorCode.INVALID.because("inode " + request.getInode() + " is not a symlink");
    }
    return ReadSymlinkReply.newBuilder().setTarget(inode.getSymlinkTarget()).build();
  }

  public ReadDirectoryReply list(ReadDirectoryRequest request) throws CairnException {
    if (request.getAfterPlace() < 0) {
      throw ErrorCode.INVALID.because("there is no place " + request.getAfterPlace());
    }
    int limit =
        request.getLimit() <= 0 ? USUAL_ENTRIES : Math.min(request.getLimit(), MOST_ENTRIES);
    try (Snapshot snapshot = store.snapshot()) {
      MetadataView view = new MetadataView(snapshot);
      ReadDirectoryReply.Builder reply =
          ReadDirectoryReply.newBuilder()
              .setParent(directory(view, request.getInode()).getParent())
              .setEnd(true);
      view.dentriesBehindPlace(
          request.getInode(),
          request.getAfterPlace(),
          (dentry, place) -> {
            int count = reply.getEntriesCount();
            if (count >= limit && place != reply.getEntries(count - 1).getPlace()) {
              reply.setEnd(false);
              return false;
            }
            reply.addEntries(shown(view, dentry, place, request.getWithAttributes()));
            return true;
          });
      return reply.build();
    }
  }

  private DirectoryEntry shown(
      MetadataView view, Dentry dentry, long place, boolean withAttributes) {
    DirectoryEntry.Builder entry =
        DirectoryEntry.newBuilder()
            .setName(dentry.getName())
            .setPlace(place)
            .setInode(dentry.getInode())
            .setType(dentry.getType());
    if (withAttributes) {
      entry.setAttributes(defaults.inForce(view.inode(dentry.getInode())));
    }
    return entry.build();
  }

  static Inode inode(MetadataView view, long number) throws CairnException {
    Inode inode = view.inode(number);
    if (inode == null) {
      throw ErrorCode.STALE.because("inode " + number + " is gone");
    }
    return inode;
  }

  private static Inode directory(MetadataView view, long number) throws CairnException {
    Inode inode = inode(view, number);
    if (inode.getAttributes().getType() != FileType.DIRECTORY) {
      throw ErrorCode.NOT_DIRECTORY.because("inode " + number + " is not a directory");
    }
    return inode;
  }
}
