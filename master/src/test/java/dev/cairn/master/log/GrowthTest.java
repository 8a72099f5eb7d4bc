package dev.cairn.master.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.master.record.proto.Chunk;
import dev.cairn.master.record.proto.ChunksWritten;
import dev.cairn.master.record.proto.Dentry;
import dev.cairn.master.record.proto.DentryName;
import dev.cairn.master.record.proto.ExtentsChanged;
import dev.cairn.master.record.proto.FileLocks;
import dev.cairn.master.record.proto.Grant;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Orphan;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.RepliesForgotten;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.record.proto.StoredReply;
import dev.cairn.master.record.proto.Xattr;
import dev.cairn.rpc.proto.Extent;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a master with a full disk accepts. */
final class GrowthTest {

  private static final Record CHANGED = record().setInodeChanged(Inode.newBuilder()).build();
  private static final Record REPLIED = record().setReplyStored(StoredReply.newBuilder()).build();
  private static final Record FORGOTTEN =
      record().setRepliesForgotten(RepliesForgotten.newBuilder()).build();
  private static final Record NAMED = record().setDentryWritten(Dentry.newBuilder()).build();
  private static final Record UNNAMED = record().setDentryRemoved(DentryName.newBuilder()).build();

  private static Record.Builder record() {
    return Record.newBuilder();
  }

  private static void waits(boolean expected, Record... records) {
    assertEquals(expected, Growth.isIn(List.of(records)), () -> List.of(records).toString());
  }

  @Test
  void deletions_areAccepted() {
    waits(false, UNNAMED, CHANGED, record().setInodeTrashed(Inode.newBuilder()).build(), REPLIED);
    waits(false, UNNAMED, CHANGED, record().setInodeDeleted(7).build(), REPLIED);
    waits(false, CHANGED, record().setOrphanAdded(Orphan.newBuilder()).build(), REPLIED, FORGOTTEN);
    waits(false, CHANGED, extents(2, 1), REPLIED);
  }

  @Test
  void renames_areAcceptedAndNewNamesAreNot() {
    waits(false, UNNAMED, NAMED, CHANGED, REPLIED);
    waits(true, NAMED, CHANGED, REPLIED);
  }

  @Test
  void additionsAndMereAttributes_wait() {
    waits(true, record().setInodeCreated(Inode.newBuilder()).build(), NAMED, REPLIED);
    waits(true, record().setXattrWritten(Xattr.newBuilder()).build(), REPLIED);
    waits(true, record().setGrantWritten(Grant.newBuilder()).build());
    waits(true, chunk(true), CHANGED, extents(0, 1));
    waits(true, CHANGED, extents(1, 2));
    waits(true, CHANGED, REPLIED, FORGOTTEN);
  }

  @Test
  void whatSessionsAndServersNeed_isAccepted() {
    waits(false);
    waits(false, record().setSessionOpened(Session.newBuilder()).build());
    waits(false, record().setFileLocksChanged(FileLocks.newBuilder()).build(), REPLIED);
    waits(false, chunk(false));
    waits(false, FORGOTTEN);
  }

  private static Record chunk(boolean created) {
    return record()
        .setChunksWritten(
            ChunksWritten.newBuilder().addChunks(Chunk.newBuilder().setCreated(created)))
        .build();
  }

  private static Record extents(int removed, int written) {
    ExtentsChanged.Builder changed = ExtentsChanged.newBuilder();
    for (int i = 0; i < removed; i++) {
      changed.addRemovedEnds(i);
    }
    for (int i = 0; i < written; i++) {
      changed.addWritten(Extent.getDefaultInstance());
    }
    return record().setExtentsChanged(changed).build();
  }
}
