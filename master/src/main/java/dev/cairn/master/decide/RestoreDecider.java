package dev.cairn.master.decide;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Dentry;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Trashed;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.RestoreTrashReply;
import dev.cairn.rpc.proto.RestoreTrashRequest;
import dev.cairn.rpc.proto.TrashOutcome;

/**
 * Takes entries out of the trash: to where they were, or elsewhere. Directories above that were
 * deleted come back with them; where another directory has such a one's name by now, what was in
 * the old one goes into that.
 */
public final class RestoreDecider {

  private final MetadataView view;
  private final RestoreTrashRequest request;
  private final NamespaceDraft draft;

  private RestoreDecider(MetadataView view, RestoreTrashRequest request, long now) {
    this.view = view;
    this.request = request;
    this.draft = new NamespaceDraft(view, now);
  }

  /** Restores each entry that can be, and says of each that cannot why. */
  public static Decision<RestoreTrashReply> restore(
      MetadataView view, RestoreTrashRequest request, long now) throws CairnException {
    if (request.getToParent() != 0 && request.getInodesCount() != 1) {
      throw ErrorCode.INVALID.because("one entry at a time can be put somewhere else");
    }
    RestoreDecider decider = new RestoreDecider(view, request, now);
    RestoreTrashReply.Builder reply = RestoreTrashReply.newBuilder();
    for (long inode : request.getInodesList()) {
      reply.addOutcomes(decider.outcome(inode));
    }
    return new Decision<>(decider.draft.records(), reply.build());
  }

  private TrashOutcome outcome(long number) {
    TrashOutcome.Builder outcome = TrashOutcome.newBuilder().setInode(number);
    try {
      if (!restore(number)) {
        outcome
            .setOlder(true)
            .setCode(ErrorCode.EXISTS.number())
            .setMessage("another one of its name was deleted later");
      }
    } catch (CairnException e) {
      outcome.setCode(e.code().number()).setMessage(e.getMessage());
    }
    return outcome.build();
  }

  /** Answers false when a newer one stands for it. */
  private boolean restore(long number) throws CairnException {
    Inode before = view.inode(number);
    if (before == null) {
      throw notThere(number);
    }
    Inode inode = draft.inode(number);
    if (inode.getAttributes().getLinks() > 0) {
      boolean asTheWayToAnother = before.getAttributes().getLinks() == 0 || request.getNewestOnly();
      if (asTheWayToAnother) {
        return true;
      }
      throw notThere(number);
    }
    if (!view.isTrashed(inode)) {
      throw notThere(number);
    }
    Trashed trashed = inode.getTrashed();
    if (request.getNewestOnly() && isOlder(number, trashed)) {
      return false;
    }
    boolean elsewhere = request.getToParent() != 0;
    ByteString name =
        elsewhere && !request.getToName().isEmpty() ? request.getToName() : trashed.getName();
    Name.check(name);
    long parent = elsewhere ? request.getToParent() : home(trashed.getParent());
    draft.directory(parent);
    if (draft.present(parent, name) != null) {
      throw ErrorCode.EXISTS.because(Name.shown(name) + " exists there");
    }
    draft.restore(inode, parent, name);
    return true;
  }

  private boolean isOlder(long number, Trashed trashed) {
    return view.lastTrashed(trashed.getParent(), trashed.getName()) != number;
  }

  private static CairnException notThere(long number) {
    return ErrorCode.NO_ENTRY.because("there is no entry " + number + " in the trash");
  }

  /** The directory that stands for this one: it itself, brought back if need be, or a new one. */
  private long home(long number) throws CairnException {
    if (view.inode(number) == null) {
      throw ErrorCode.NO_ENTRY.because("the directory it was in is gone: say where to put it");
    }
    Inode directory = draft.inode(number);
    if (directory.getAttributes().getLinks() > 0) {
      return number;
    }
    if (!view.isTrashed(directory)) {
      throw ErrorCode.NO_ENTRY.because("the directory it was in is gone: say where to put it");
    }
    Trashed trashed = directory.getTrashed();
    long parent = home(trashed.getParent());
    Dentry present = draft.present(parent, trashed.getName());
    if (present == null) {
      Inode last = draft.inode(view.lastTrashed(trashed.getParent(), trashed.getName()));
      boolean takesItsPlace = last.getAttributes().getType() == FileType.DIRECTORY;
      draft.restore(takesItsPlace ? last : directory, parent, trashed.getName());
      return takesItsPlace ? last.getAttributes().getInode() : number;
    }
    if (present.getType() != FileType.DIRECTORY) {
      throw ErrorCode.EXISTS.because(
          Name.shown(trashed.getName()) + " is no directory any longer: say where to put it");
    }
    return present.getInode();
  }
}
