package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Orphan;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.proto.EmptyTrashReply;
import dev.cairn.rpc.proto.FileType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Lets go of what is in the trash: because somebody asks, because its time is over, or because its
 * room is needed. What is let go is an orphan, which is taken apart when nobody has it open. A
 * directory stays as long as something that was deleted from it does: the way there leads through
 * it.
 */
public final class TrashDecider {

  /** What a step let go. */
  public record LetGo(int entries, long bytes) {}

  private static final int MOST_ENTRIES_PER_STEP = 256;

  private TrashDecider() {}

  /** Lets go of the given inodes, as far as they are in the trash. */
  public static Decision<EmptyTrashReply> empty(MetadataView view, List<Long> inodes, long now) {
    List<Record> records = new ArrayList<>();
    Set<Long> gone = new HashSet<>();
    int count = 0;
    for (long number : inodes) {
      Inode inode = view.inode(number);
      boolean there = inode != null && view.isTrashed(inode) && !gone.contains(number);
      if (there && stillBelow(view, inode, gone) == 0) {
        letGo(inode, now, records);
        gone.add(number);
        count++;
      }
    }
    return new Decision<>(records, EmptyTrashReply.newBuilder().setGone(count).build());
  }

  /**
   * Lets go of a bounded number of entries, those first that are kept for the shortest time from
   * now on.
   *
   * @param until only what is kept until then or shorter
   * @param bytes no more when so many are let go
   */
  public static Decision<LetGo> letGo(MetadataView view, long until, long bytes, long now) {
    List<Record> records = new ArrayList<>();
    Set<Long> gone = new HashSet<>();
    int[] entries = {0};
    long[] sum = {0};
    view.trashFrom(
        0,
        0,
        (time, number) -> {
          if (time > until || sum[0] >= bytes || entries[0] == MOST_ENTRIES_PER_STEP) {
            return false;
          }
          Inode inode = view.inode(number);
          long below = stillBelow(view, inode, gone);
          if (below == 0) {
            // What was deleted long ago need not be held again.
            letGo(inode, Math.min(now, inode.getTrashed().getSince()), records);
            gone.add(number);
            sum[0] += inode.getTrashed().getBytes();
          } else {
            keepBehind(inode, view.inode(below), records);
          }
          entries[0]++;
          return true;
        });
    return new Decision<>(records, new LetGo(entries[0], sum[0]));
  }

  /** Makes an orphan of what is in the trash; its chunks are garbage since the given time. */
  static void letGo(Inode inode, long garbageSince, List<Record> records) {
    records.add(NamespaceDraft.trashRemoved(inode));
    Orphan orphan =
        Orphan.newBuilder()
            .setId(inode.getAttributes().getInode())
            .setSince(inode.getTrashed().getSince())
            .setGarbageSince(garbageSince)
            .build();
    records.add(Record.newBuilder().setOrphanAdded(orphan).build());
  }

  /** Something in the trash that was deleted from the directory and is not gone; 0 when none is. */
  private static long stillBelow(MetadataView view, Inode inode, Set<Long> gone) {
    long[] found = {0};
    if (inode.getAttributes().getType() == FileType.DIRECTORY) {
      view.trashIn(
          inode.getAttributes().getInode(),
          child -> {
            found[0] = gone.contains(child) ? 0 : child;
            return found[0] == 0;
          });
    }
    return found[0];
  }

  private static void keepBehind(Inode directory, Inode child, List<Record> records) {
    long until = Math.max(directory.getTrashed().getUntil(), child.getTrashed().getUntil()) + 1;
    records.add(NamespaceDraft.trashRemoved(directory));
    Inode kept =
        directory.toBuilder()
            .setTrashed(directory.getTrashed().toBuilder().setUntil(until))
            .build();
    records.add(Record.newBuilder().setInodeTrashed(kept).build());
  }
}
