package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Orphan;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.ExtentCursor;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import java.util.ArrayList;
import java.util.List;

/** Changes how long a file is: cuts off what is behind, or ends it with a hole. */
final class FileLength {

  private FileLength() {}

  /** Refuses what has no content. */
  static void checkRegular(Inode inode) throws CairnException {
    FileType type = inode.getAttributes().getType();
    if (type == FileType.DIRECTORY) {
      throw ErrorCode.IS_DIRECTORY.because(
          "inode " + inode.getAttributes().getInode() + " is a directory");
    }
    if (type != FileType.REGULAR) {
      throw ErrorCode.INVALID.because(
          "inode " + inode.getAttributes().getInode() + " is not a regular file");
    }
  }

  /** Refuses an end of a range that no file can reach. */
  static long checkedEnd(long offset, long length) throws CairnException {
    if (offset < 0 || length < 0 || offset + length < 0) {
      throw ErrorCode.FILE_TOO_BIG.because("no file reaches behind 2^63 - 1 bytes");
    }
    return offset + length;
  }

  /**
   * The inode with the new size; adds the records that cut its extents. A file that loses many
   * extents and keeps few gets a new map for those, and its old one is taken apart later. One that
   * loses many and keeps many loses the last of them: its size is then between the old and the new.
   */
  static Inode set(ExtentSteps steps, Inode inode, long size, List<Record> records, long now)
      throws CairnException {
    Attributes before = inode.getAttributes();
    if (size == before.getSize()) {
      return inode;
    }
    Attributes.Builder after =
        before.toBuilder().setSize(size).setDataVersion(before.getDataVersion() + 1);
    long map = inode.getExtentMap();
    if (size < before.getSize()) {
      long cutFrom = size;
      if (!steps.isOne(map, size, before.getSize())) {
        if (steps.isOne(map, 0, size)) {
          return withNewMap(steps.view(), inode, after, records, now);
        }
        cutFrom = steps.startOfLast(map, size, before.getSize());
      }
      try (ContentDraft content = new ContentDraft(steps.view(), map, before.getSize())) {
        content.cut(cutFrom, before.getSize());
        content.addRecords(records, now);
        after.setSize(cutFrom).setAllocated(before.getAllocated() + content.allocatedChange());
      }
    }
    return inode.toBuilder().setAttributes(after).build();
  }

  private static Inode withNewMap(
      MetadataView view, Inode inode, Attributes.Builder after, List<Record> records, long now)
      throws CairnException {
    Orphan old =
        Orphan.newBuilder()
            .setId(inode.getExtentMap())
            .setSince(now)
            .setExtentMapOnly(true)
            .build();
    records.add(Record.newBuilder().setOrphanAdded(old).build());
    long map = view.number(Meta.NEXT_INODE);
    try (ContentDraft content = new ContentDraft(view, map, 0)) {
      for (ExtentRow kept : parts(view, inode.getExtentMap(), 0, after.getSize())) {
        content.lay(kept);
      }
      content.addRecords(records, now);
      after.setAllocated(content.allocatedChange());
    }
    return inode.toBuilder().setAttributes(after).setExtentMap(map).build();
  }

  /** The parts of extents that lie in [start, end). */
  static List<ExtentRow> parts(MetadataView view, long map, long start, long end) {
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
}
