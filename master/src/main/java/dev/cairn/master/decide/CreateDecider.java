package dev.cairn.master.decide;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Dentry;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.EntryReply;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.LinkRequest;

/** Puts new entries into directories: new inodes of any type, and further names of old ones. */
public final class CreateDecider {

  static final int MAX_LINKS = Integer.MAX_VALUE;

  private static final int PERMISSION_BITS = 07777;
  private static final int SET_GROUP_ID = 02000;
  private static final int MAX_SYMLINK_BYTES = 4095;

  private final Defaults defaults;

  public CreateDecider(Defaults defaults) {
    this.defaults = defaults;
  }

  public Decision<EntryReply> create(MetadataView view, CreateRequest request, long now)
      throws CairnException {
    if (request.getUnnamed()) {
      return unnamed(view, request, now);
    }
    Name.check(request.getName());
    NamespaceDraft draft = new NamespaceDraft(view, now);
    Inode parent = draft.directory(request.getParent());
    Dentry existing = view.dentry(request.getParent(), request.getName());
    if (existing != null) {
      return Decision.replyOnly(existing(draft, existing, request));
    }
    checkType(request);
    Inode inode = inode(view.number(Meta.NEXT_INODE), parent, request, now);
    draft.create(inode);
    draft.write(
        request.getParent(),
        request.getName(),
        inode.getAttributes().getInode(),
        request.getType());
    draft.countEntries(request.getParent(), 1, request.getType() == FileType.DIRECTORY ? 1 : 0);
    EntryReply.Builder reply = added(draft, request.getParent(), inode).setCreated(true);
    return new Decision<>(draft.records(), reply.build());
  }

  /** Makes an orphan, which the session that opens it keeps from being taken apart. */
  private Decision<EntryReply> unnamed(MetadataView view, CreateRequest request, long now)
      throws CairnException {
    if (request.getType() != FileType.REGULAR || !request.getOpen()) {
      throw ErrorCode.INVALID.because("only an opened regular file can be without a name");
    }
    NamespaceDraft draft = new NamespaceDraft(view, now);
    Inode parent = draft.directory(request.getParent());
    Inode.Builder inode = inode(view.number(Meta.NEXT_INODE), parent, request, now).toBuilder();
    inode.getAttributesBuilder().setLinks(0);
    Inode made = inode.setUnnamed(true).build();
    draft.create(made);
    draft.orphan(made.getAttributes().getInode());
    return new Decision<>(draft.records(), reply(made).toBuilder().setCreated(true).build());
  }

  private EntryReply existing(NamespaceDraft draft, Dentry dentry, CreateRequest request)
      throws CairnException {
    if (request.getExclusive() || request.getType() != FileType.REGULAR) {
      throw exists(request.getName());
    }
    if (dentry.getType() == FileType.DIRECTORY) {
      throw ErrorCode.IS_DIRECTORY.because(Name.shown(request.getName()) + " is a directory");
    }
    if (dentry.getType() != FileType.REGULAR) {
      throw exists(request.getName());
    }
    return reply(draft.inode(dentry.getInode()));
  }

  private static CairnException exists(ByteString name) {
    return ErrorCode.EXISTS.because(Name.shown(name) + " exists");
  }

  private static void checkType(CreateRequest request) throws CairnException {
    switch (request.getType()) {
      case FILE_TYPE_UNSPECIFIED, UNRECOGNIZED ->
          throw ErrorCode.INVALID.because("an inode of no known type cannot be made");
      case SYMLINK -> {
        if (request.getSymlinkTarget().isEmpty()) {
          throw ErrorCode.NO_ENTRY.because("a symlink cannot point at an empty name");
        }
        if (request.getSymlinkTarget().size() > MAX_SYMLINK_BYTES) {
          throw ErrorCode.NAME_TOO_LONG.because(
              "a symlink's target is longer than " + MAX_SYMLINK_BYTES + " bytes");
        }
      }
      case REGULAR, DIRECTORY, FIFO, SOCKET, CHARACTER_DEVICE, BLOCK_DEVICE -> {}
    }
  }

  private Inode inode(long number, Inode parent, CreateRequest request, long now) {
    Attributes above = parent.getAttributes();
    FileType type = request.getType();
    boolean groupOfParent = (above.getPermissions() & SET_GROUP_ID) != 0;
    int permissions = request.getPermissions() & PERMISSION_BITS;
    Attributes.Builder attributes =
        Attributes.newBuilder()
            .setInode(number)
            .setType(type)
            .setUid(request.getUid())
            .setGid(groupOfParent ? above.getGid() : request.getGid())
            .setLinks(type == FileType.DIRECTORY ? 2 : 1)
            .setAtime(now)
            .setMtime(now)
            .setCtime(now)
            .setBtime(now)
            .setDataVersion(1);
    if (above.hasTrashSeconds()) {
      attributes.setTrashSeconds(above.getTrashSeconds());
    }
    Inode.Builder inode = Inode.newBuilder();
    switch (type) {
      case REGULAR -> {
        Attributes settings = defaults.inForce(parent);
        attributes.setChunkSize(settings.getChunkSize()).setReplicas(settings.getReplicas());
        inode.setExtentMap(number);
      }
      case DIRECTORY -> {
        attributes.setChunkSize(above.getChunkSize()).setReplicas(above.getReplicas());
        inode.setParent(above.getInode()).setName(request.getName());
        permissions |= groupOfParent ? SET_GROUP_ID : 0;
      }
      case SYMLINK -> {
        inode.setSymlinkTarget(request.getSymlinkTarget());
        attributes.setSize(request.getSymlinkTarget().size());
      }
      default -> attributes.setDevice(request.getDevice());
    }
    return inode.setAttributes(attributes.setPermissions(permissions)).build();
  }

  public Decision<EntryReply> link(MetadataView view, LinkRequest request, long now)
      throws CairnException {
    Name.check(request.getNewName());
    NamespaceDraft draft = new NamespaceDraft(view, now);
    draft.directory(request.getNewParent());
    Inode inode = draft.inode(request.getInode());
    Attributes before = inode.getAttributes();
    if (before.getType() == FileType.DIRECTORY) {
      throw ErrorCode.NOT_PERMITTED.because("a directory has one name only");
    }
    if (before.getLinks() == 0 && !inode.getUnnamed()) {
      throw ErrorCode.NO_ENTRY.because("inode " + request.getInode() + " was removed");
    }
    if (before.getLinks() == MAX_LINKS) {
      throw ErrorCode.TOO_MANY_LINKS.because("inode " + request.getInode() + " has all its links");
    }
    if (view.dentry(request.getNewParent(), request.getNewName()) != null) {
      throw exists(request.getNewName());
    }
    if (inode.getUnnamed()) {
      draft.adopt(request.getInode());
    }
    Inode after =
        inode.toBuilder()
            .clearUnnamed()
            .setAttributes(before.toBuilder().setLinks(before.getLinks() + 1).setCtime(now))
            .build();
    draft.change(after);
    draft.write(request.getNewParent(), request.getNewName(), request.getInode(), before.getType());
    draft.countEntries(request.getNewParent(), 1, 0);
    return new Decision<>(draft.records(), added(draft, request.getNewParent(), after).build());
  }

  private EntryReply.Builder added(NamespaceDraft draft, long parent, Inode inode)
      throws CairnException {
    return EntryReply.newBuilder()
        .setAttributes(defaults.inForce(inode))
        .setParentAttributes(defaults.inForce(draft.inode(parent)));
  }

  private EntryReply reply(Inode inode) {
    return EntryReply.newBuilder().setAttributes(defaults.inForce(inode)).build();
  }
}
