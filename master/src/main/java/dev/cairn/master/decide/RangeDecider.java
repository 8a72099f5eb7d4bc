package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.ExtentCursor;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.AttributesReply;
import dev.cairn.rpc.proto.ChangeRangeRequest;
import dev.cairn.rpc.proto.CloneRangeRequest;
import java.util.ArrayList;
import java.util.List;

/** Changes of a file's content that need no bytes: holes, length, and parts of other files. */
public final class RangeDecider {

  private final Defaults defaults;

  public RangeDecider(Defaults defaults) {
    this.defaults = defaults;
  }

  /** fallocate(2). */
  public Decision<AttributesReply> change(MetadataView view, ChangeRangeRequest request, long now)
      throws CairnException {
    Inode inode = file(view, request.getInode());
    LeaseDecider.checkMayChange(view, request.getInode(), request.getContext());
    long end = FileLength.checkedEnd(request.getOffset(), request.getLength());
    List<Record> records = new ArrayList<>();
    Inode after = inode;
    if (request.getPunchHole()) {
      after = punch(view, inode, request.getOffset(), end, records, now);
    }
    if (!request.getKeepSize() && end > inode.getAttributes().getSize()) {
      after = FileLength.set(view, after, end, records, now);
    }
    return decision(records, touched(after, now));
  }

  private static Inode punch(
      MetadataView view, Inode inode, long start, long end, List<Record> records, long now) {
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
  public Decision<AttributesReply> clone(MetadataView view, CloneRangeRequest request, long now)
      throws CairnException {
    Inode source = file(view, request.getSourceInode());
    Inode target = file(view, request.getTargetInode());
    LeaseDecider.checkMayChange(view, request.getTargetInode(), request.getContext());
    long sourceStart = request.getSourceOffset();
    long sourceEnd = FileLength.checkedEnd(sourceStart, request.getLength());
    long length = Math.max(0, Math.min(sourceEnd, source.getAttributes().getSize()) - sourceStart);
    long targetStart = request.getTargetOffset();
    long targetEnd = FileLength.checkedEnd(targetStart, length);
    boolean sameFile = request.getSourceInode() == request.getTargetInode();
    if (sameFile && targetStart < sourceStart + length && sourceStart < targetEnd) {
      throw ErrorCode.INVALID.because("the ranges of a clone within one file overlap");
    }
    List<Record> records = new ArrayList<>();
    Attributes before = target.getAttributes();
    try (ContentDraft content = new ContentDraft(view, target.getExtentMap(), before.getSize())) {
      content.cut(targetStart, targetEnd);
      for (ExtentRow part : parts(view, source.getExtentMap(), sourceStart, length)) {
        if (content.chunk(part.chunk()).length() > before.getChunkSize()) {
          throw ErrorCode.CROSS_DEVICE.because(
              "the chunks of inode "
                  + request.getSourceInode()
                  + " are longer than the chunk size"
                  + " of inode "
                  + request.getTargetInode());
        }
        content.lay(part.movedTo(targetStart + (part.start() - sourceStart)));
      }
      content.addRecords(records, now);
      Attributes after =
          before.toBuilder()
              .setSize(Math.max(before.getSize(), targetEnd))
              .setAllocated(before.getAllocated() + content.allocatedChange())
              .setDataVersion(before.getDataVersion() + 1)
              .build();
      return decision(records, touched(target.toBuilder().setAttributes(after).build(), now));
    }
  }

  private static List<ExtentRow> parts(MetadataView view, long map, long start, long length) {
    long end = start + length;
    List<ExtentRow> parts = new ArrayList<>();
    try (ExtentCursor extents = view.extents(map)) {
      ExtentRow extent = extents.firstEndingBehind(start);
      while (extent != null && extent.start() < end) {
        ExtentRow tail = extent.start() < start ? extent.from(start) : extent;
        parts.add(tail.end() > end ? tail.before(end) : tail);
        extent = extents.next();
      }
    }
    return parts;
  }

  private static Inode file(MetadataView view, long number) throws CairnException {
    Inode inode = view.inode(number);
    if (inode == null) {
      throw ErrorCode.STALE.because("inode " + number + " is gone");
    }
    FileLength.checkRegular(inode);
    return inode;
  }

  private static Inode touched(Inode inode, long now) {
    Attributes attributes = inode.getAttributes().toBuilder().setMtime(now).setCtime(now).build();
    return inode.toBuilder().setAttributes(attributes).build();
  }

  private Decision<AttributesReply> decision(List<Record> records, Inode inode) {
    records.add(Record.newBuilder().setInodeChanged(inode).build());
    return new Decision<>(
        records, AttributesReply.newBuilder().setAttributes(defaults.inForce(inode)).build());
  }
}
