package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Dentry;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.RemoveReply;
import dev.cairn.rpc.proto.RemoveRequest;
import java.util.ArrayList;
import java.util.List;

/** Takes entries out of directories: unlink and rmdir. */
public final class RemoveDecider {

  private final Defaults defaults;

  public RemoveDecider(Defaults defaults) {
    this.defaults = defaults;
  }

  public Decision<RemoveReply> remove(MetadataView view, RemoveRequest request, long now)
      throws CairnException {
    Name.check(request.getName());
    NamespaceDraft draft = new NamespaceDraft(view, now);
    draft.directory(request.getParent());
    Dentry dentry = draft.entry(request.getParent(), request.getName());
    boolean directory = dentry.getType() == FileType.DIRECTORY;
    if (directory && !request.getDirectory()) {
      throw ErrorCode.IS_DIRECTORY.because(Name.shown(request.getName()) + " is a directory");
    }
    if (!directory && request.getDirectory()) {
      throw ErrorCode.NOT_DIRECTORY.because(Name.shown(request.getName()) + " is not a directory");
    }
    if (directory) {
      checkEmpty(draft, dentry);
    }
    LeaseDecider.checkMayChange(view, dentry.getInode(), request.getContext());
    draft.remove(request.getParent(), request.getName());
    Inode after = draft.dropLink(dentry, defaults);
    draft.countRemoved(request.getParent(), directory ? 1 : 0);
    RemoveReply reply =
        RemoveReply.newBuilder()
            .setInode(dentry.getInode())
            .setAttributes(defaults.inForce(after))
            .setParentAttributes(defaults.inForce(draft.inode(request.getParent())))
            .build();
    List<Record> records = new ArrayList<>(draft.records());
    records.addAll(LeaseDecider.endOfNames(view, after));
    return new Decision<>(records, reply);
  }

  static void checkEmpty(NamespaceDraft draft, Dentry directory) throws CairnException {
    if (draft.inode(directory.getInode()).getAttributes().getSize() > 0) {
      throw ErrorCode.NOT_EMPTY.because(Name.shown(directory.getName()) + " is not empty");
    }
  }
}
