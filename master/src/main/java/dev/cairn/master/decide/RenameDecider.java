package dev.cairn.master.decide;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Dentry;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.RenameReply;
import dev.cairn.rpc.proto.RenameRequest;
import java.util.List;

/** rename(2) and renameat2(2): moves, replaces and exchanges entries, each in one step. */
public final class RenameDecider {

  private final Defaults defaults;

  public RenameDecider(Defaults defaults) {
    this.defaults = defaults;
  }

  public Decision<RenameReply> rename(MetadataView view, RenameRequest request, long now)
      throws CairnException {
    Name.check(request.getName());
    Name.check(request.getNewName());
    if (request.getNoReplace() && request.getExchange()) {
      throw ErrorCode.INVALID.because("a rename cannot both exchange and not replace");
    }
    NamespaceDraft draft = new NamespaceDraft(view, now);
    draft.directory(request.getParent());
    draft.directory(request.getNewParent());
    Dentry from = draft.entry(request.getParent(), request.getName());
    if (request.getExchange()) {
      return exchange(view, draft, request, from);
    }
    Dentry to = view.dentry(request.getNewParent(), request.getNewName());
    if (to != null && request.getNoReplace()) {
      throw ErrorCode.EXISTS.because(Name.shown(request.getNewName()) + " exists");
    }
    if (to != null && to.getInode() == from.getInode()) {
      return Decision.replyOnly(unchanged(from, to));
    }
    refuseLoop(draft, from, request.getNewParent());
    List<Record> lease = List.of();
    if (to != null) {
      LeaseDecider.checkMayChange(view, to.getInode(), request.getContext());
      replace(draft, from, to);
      lease = LeaseDecider.moved(view, to.getInode(), draft.inode(from.getInode()));
    }
    draft.remove(from.getParent(), from.getName());
    put(draft, from, request.getNewParent(), request.getNewName());
    int directory = from.getType() == FileType.DIRECTORY ? 1 : 0;
    draft.countEntries(request.getParent(), -1, -directory);
    draft.countEntries(request.getNewParent(), 1, directory);
    RenameReply reply =
        reply(draft, from, to, request).toBuilder().setLeaseMoved(!lease.isEmpty()).build();
    List<Record> records = draft.records();
    records.addAll(lease);
    return new Decision<>(records, reply);
  }

  /** Removes what the new name points at, if that may make room for what comes. */
  private void replace(NamespaceDraft draft, Dentry from, Dentry to) throws CairnException {
    boolean moved = from.getType() == FileType.DIRECTORY;
    boolean replaced = to.getType() == FileType.DIRECTORY;
    if (moved && !replaced) {
      throw ErrorCode.NOT_DIRECTORY.because(Name.shown(to.getName()) + " is not a directory");
    }
    if (!moved && replaced) {
      throw ErrorCode.IS_DIRECTORY.because(Name.shown(to.getName()) + " is a directory");
    }
    if (replaced) {
      RemoveDecider.checkEmpty(draft, to);
    }
    draft.dropLink(to, defaults);
    draft.countEntries(to.getParent(), -1, replaced ? -1 : 0);
  }

  private Decision<RenameReply> exchange(
      MetadataView view, NamespaceDraft draft, RenameRequest request, Dentry from)
      throws CairnException {
    Dentry to = draft.entry(request.getNewParent(), request.getNewName());
    LeaseDecider.checkMayChange(view, from.getInode(), request.getContext());
    LeaseDecider.checkMayChange(view, to.getInode(), request.getContext());
    if (from.getInode() == to.getInode()) {
      return Decision.replyOnly(unchanged(from, to));
    }
    refuseLoop(draft, from, to.getParent());
    refuseLoop(draft, to, from.getParent());
    put(draft, from, to.getParent(), to.getName());
    put(draft, to, from.getParent(), from.getName());
    int more =
        (from.getType() == FileType.DIRECTORY ? 1 : 0)
            - (to.getType() == FileType.DIRECTORY ? 1 : 0);
    draft.countEntries(from.getParent(), 0, -more);
    draft.countEntries(to.getParent(), 0, more);
    return new Decision<>(draft.records(), reply(draft, from, to, request));
  }

  private static void put(NamespaceDraft draft, Dentry entry, long parent, ByteString name)
      throws CairnException {
    draft.write(parent, name, entry.getInode(), entry.getType());
    draft.touch(entry.getInode());
    if (entry.getType() == FileType.DIRECTORY) {
      Inode moved = draft.inode(entry.getInode());
      draft.change(moved.toBuilder().setParent(parent).setName(name).build());
    }
  }

  /** A directory cannot be moved into itself or below: nothing would lead there any longer. */
  private static void refuseLoop(NamespaceDraft draft, Dentry moved, long newParent)
      throws CairnException {
    if (moved.getType() != FileType.DIRECTORY || moved.getParent() == newParent) {
      return;
    }
    long above = newParent;
    while (above != moved.getInode()) {
      long next = draft.inode(above).getParent();
      if (next == above) {
        return;
      }
      above = next;
    }
    throw ErrorCode.INVALID.because(
        "directory " + Name.shown(moved.getName()) + " cannot be moved into itself");
  }

  /** Both names point at the same inode: rename(2) then does nothing. */
  private static RenameReply unchanged(Dentry from, Dentry to) {
    return RenameReply.newBuilder()
        .setInode(from.getInode())
        .setReplacedInode(to.getInode())
        .build();
  }

  private RenameReply reply(NamespaceDraft draft, Dentry from, Dentry to, RenameRequest request)
      throws CairnException {
    RenameReply.Builder reply =
        RenameReply.newBuilder()
            .setInode(from.getInode())
            .setReplacedInode(to == null ? 0 : to.getInode())
            .addParentAttributes(defaults.inForce(draft.inode(request.getParent())));
    if (request.getNewParent() != request.getParent()) {
      reply.addParentAttributes(defaults.inForce(draft.inode(request.getNewParent())));
    }
    return reply.build();
  }
}
