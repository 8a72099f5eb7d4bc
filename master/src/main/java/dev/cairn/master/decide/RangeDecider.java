package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.SetIdBits;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.ChangeRangeReply;
import dev.cairn.rpc.proto.ChangeRangeRequest;
import dev.cairn.rpc.proto.CloneRangeReply;
import dev.cairn.rpc.proto.CloneRangeRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * Changes of a file's content that need no bytes: holes, length, and parts of other files. A
 * request for a range with many extents changes the first part of it, and its reply says how much
 * that was.
 */
public final class RangeDecider {

  private final Defaults defaults;
  private final int mostExtents;

  public RangeDecider(Defaults defaults) {
    this(defaults, ExtentSteps.MOST_EXTENTS);
  }

  /**
   * Makes a decider.
   *
   * @param mostExtents that one decision goes through in a file
   */
  RangeDecider(Defaults defaults, int mostExtents) {
    this.defaults = defaults;
    this.mostExtents = mostExtents;
  }

  /** fallocate(2). */
  public Decision<ChangeRangeReply> change(MetadataView view, ChangeRangeRequest request, long now)
      throws CairnException {
    Inode inode = file(view, request.getInode());
    LeaseDecider.checkMayChange(view, request.getInode(), request.getContext());
    long start = request.getOffset();
    long end = FileLength.checkedEnd(start, request.getLength());
    ExtentSteps steps = new ExtentSteps(view, mostExtents);
    List<Record> records = new ArrayList<>();
    Inode after = inode;
    long doneTo = end;
    if (request.getPunchHole()) {
      doneTo = steps.end(inode.getExtentMap(), start, end);
      after = punch(view, inode, start, doneTo, records, now);
    }
    if (!request.getKeepSize() && doneTo > inode.getAttributes().getSize()) {
      after = FileLength.set(steps, after, doneTo, records, now);
    }
    after = touched(after, request.getClearSetIdBits(), now);
    records.add(Record.newBuilder().setInodeChanged(after).build());
    return new Decision<>(
        records,
        ChangeRangeReply.newBuilder()
            .setAttributes(defaults.inForce(after))
            .setDoneTo(doneTo)
            .build());
  }

  private static Inode punch(
      MetadataView view, Inode inode, long start, long end, List<Record> records, long now)
      throws CairnException {
    Attributes before = inode.getAttributes();
    try (ContentDraft content = new ContentDraft(view, inode.getExtentMap(), before.getSize())) {
      content.cut(start, end);
      content.addRecords(records, now);
      return inode.toBuilder()
          .setAttributes(
              before.toBuilder()
                  .setAllocated(before.getAllocated() + content.allocatedChange())
                  .setDataVersion(before.getDataVersion() + 1))
          .build();
    }
  }

  /** copy_file_range(2) and FICLONERANGE. */
  public Decision<CloneRangeReply> clone(MetadataView view, CloneRangeRequest request, long now)
      throws CairnException {
    Inode source = file(view, request.getSourceInode());
    Inode target = file(view, request.getTargetInode());
    LeaseDecider.checkMayChange(view, request.getTargetInode(), request.getContext());
    long sourceStart = request.getSourceOffset();
    long sourceEnd = FileLength.checkedEnd(sourceStart, request.getLength());
    long asked = Math.max(0, Math.min(sourceEnd, source.getAttributes().getSize()) - sourceStart);
    long targetStart = request.getTargetOffset();
    long targetEnd = FileLength.checkedEnd(targetStart, asked);
    boolean sameFile = request.getSourceInode() == request.getTargetInode();
    if (sameFile && targetStart < sourceStart + asked && sourceStart < targetEnd) {
      throw ErrorCode.INVALID.because("the ranges of a clone within one file overlap");
    }
    if (asked == 0) {
      return Decision.replyOnly(
          CloneRangeReply.newBuilder().setAttributes(defaults.inForce(target)).build());
    }
    ExtentSteps steps = new ExtentSteps(view, mostExtents);
    long copied =
        Math.min(
            steps.end(source.getExtentMap(), sourceStart, sourceStart + asked) - sourceStart,
            steps.end(target.getExtentMap(), targetStart, targetEnd) - targetStart);
    List<Record> records = new ArrayList<>();
    Inode after = withClone(view, source, sourceStart, target, targetStart, copied, records, now);
    after = touched(after, request.getClearSetIdBits(), now);
    records.add(Record.newBuilder().setInodeChanged(after).build());
    return new Decision<>(
        records,
        CloneRangeReply.newBuilder()
            .setAttributes(defaults.inForce(after))
            .setCopied(copied)
            .build());
  }

  private static Inode withClone(
      MetadataView view,
      Inode source,
      long sourceStart,
      Inode target,
      long targetStart,
      long length,
      List<Record> records,
      long now)
      throws CairnException {
    Attributes before = target.getAttributes();
    long targetEnd = targetStart + length;
    try (ContentDraft content = new ContentDraft(view, target.getExtentMap(), before.getSize())) {
      // Gaps as they come: a draft of which much is cut is slow to look into.
      long cutTo = targetStart;
      for (ExtentRow part :
          FileLength.parts(view, source.getExtentMap(), sourceStart, sourceStart + length)) {
        if (content.chunk(part.chunk()).length() > before.getChunkSize()) {
          throw ErrorCode.CROSS_DEVICE.because(
              "the chunks of inode "
                  + source.getAttributes().getInode()
                  + " are longer than the chunk size of inode "
                  + before.getInode());
        }
        ExtentRow moved = part.movedTo(targetStart + (part.start() - sourceStart));
        content.cut(cutTo, moved.start());
        content.lay(moved);
        cutTo = moved.end();
      }
      content.cut(cutTo, targetEnd);
      content.addRecords(records, now);
      Attributes after =
          before.toBuilder()
              .setSize(Math.max(before.getSize(), targetEnd))
              .setAllocated(before.getAllocated() + content.allocatedChange())
              .setDataVersion(before.getDataVersion() + 1)
              .build();
      return target.toBuilder().setAttributes(after).build();
    }
  }

  private static Inode file(MetadataView view, long number) throws CairnException {
    Inode inode = view.inode(number);
    if (inode == null) {
      throw ErrorCode.STALE.because("inode " + number + " is gone");
    }
    FileLength.checkRegular(inode);
    return inode;
  }

  private static Inode touched(Inode inode, boolean clearSetIdBits, long now) {
    Attributes before = inode.getAttributes();
    int permissions = before.getPermissions();
    return inode.toBuilder()
        .setAttributes(
            before.toBuilder()
                .setMtime(now)
                .setCtime(now)
                .setPermissions(clearSetIdBits ? SetIdBits.clear(permissions) : permissions))
        .build();
  }
}
