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
import java.util.List;

/** Changes how long a file is: cuts off what is behind, or ends it with a hole. */
final class FileLength {

  /** A file emptied of more extents than this gives up its whole map, to be taken apart later. */
  static final int MOST_EXTENTS_CUT_AT_ONCE = 2048;

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

  /** The inode with the new size; adds the records that cut its extents. */
  static Inode set(MetadataView view, Inode inode, long size, List<Record> records, long now) {
    Attributes before = inode.getAttributes();
    if (size == before.getSize()) {
      return inode;
    }
    Attributes.Builder after =
        before.toBuilder().setSize(size).setDataVersion(before.getDataVersion() + 1);
    if (size == 0 && hasManyExtents(view, inode.getExtentMap())) {
      return withNewMap(view, inode, after.setAllocated(0), records, now);
    }
    if (size < before.getSize()) {
      try (ContentDraft content = new ContentDraft(view, inode.getExtentMap(), before.getSize())) {
        content.cut(size, before.getSize());
        content.addRecords(records, now);
        after.setAllocated(before.getAllocated() + content.allocatedChange());
      }
    }
    return inode.toBuilder().setAttributes(after).build();
  }

  private static boolean hasManyExtents(MetadataView view, long map) {
    try (ExtentCursor extents = view.extents(map)) {
      ExtentRow extent = extents.firstEndingBehind(0);
      for (int i = 0; extent != null && i < MOST_EXTENTS_CUT_AT_ONCE; i++) {
        extent = extents.next();
      }
      return extent != null;
    }
  }

  private static Inode withNewMap(
      MetadataView view, Inode inode, Attributes.Builder after, List<Record> records, long now) {
    Orphan map =
        Orphan.newBuilder()
            .setId(inode.getExtentMap())
            .setSince(now)
            .setExtentMapOnly(true)
            .build();
    records.add(Record.newBuilder().setOrphanAdded(map).build());
    return inode.toBuilder()
        .setAttributes(after)
        .setExtentMap(view.number(Meta.NEXT_INODE))
        .build();
  }
}
