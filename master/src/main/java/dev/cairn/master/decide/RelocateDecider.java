package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.ExtentCursor;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.rpc.Check;
import dev.cairn.rpc.error.CairnException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Has a file refer to a new chunk for bytes that were in others. */
public final class RelocateDecider {

  /** Extents that a decision looks at: those behind them stay where they are. */
  private static final int MOST_EXTENTS = 2 * ExtentSteps.MOST_EXTENTS;

  private RelocateDecider() {}

  /** Takes the next chunk id, for a chunk that no client writes; answers it. */
  public static Decision<Long> takeChunkId(MetadataView view) {
    long id = Math.max(1, view.number(Meta.NEXT_CHUNK));
    return new Decision<>(List.of(Record.newBuilder().setChunkIdTaken(id).build()), id);
  }

  /**
   * Points extents to a chunk that holds their bytes, one behind the other, as far as the file
   * still has them as they were read; what else is there by now stays. Answers how many bytes of
   * the chunk the file refers to: if none, the chunk is garbage. Content, times and version of the
   * file stay as they are.
   *
   * @param extents as they were when the chunk was ordered, in the order of the file
   */
  public static Decision<Long> relocate(
      MetadataView view,
      long number,
      long map,
      List<ExtentRow> extents,
      long chunk,
      int replicas,
      long now)
      throws CairnException {
    Inode inode = view.inode(number);
    if (view.chunk(chunk) != null || view.garbageSince(chunk) != null) {
      return Decision.replyOnly(0L);
    }
    List<ExtentRow> moved =
        inode == null || inode.getExtentMap() != map ? List.of() : moved(view, map, extents, chunk);
    if (moved.isEmpty()) {
      return new Decision<>(discarded(chunk, replicas, now), 0L);
    }
    long length = extents.stream().mapToLong(ExtentRow::length).sum();
    List<Record> records = new ArrayList<>();
    try (ContentDraft content = new ContentDraft(view, map, inode.getAttributes().getSize())) {
      content.chunk(chunk).written((int) length, replicas, true);
      for (ExtentRow extent : moved) {
        content.lay(extent);
      }
      Check.that(content.allocatedChange() == 0, "a relocation in map %d changes content", map);
      content.addRecords(records, now);
    }
    return new Decision<>(records, moved.stream().mapToLong(ExtentRow::length).sum());
  }

  /** Garbage from the beginning, and not a stray: it is known what it was. */
  private static List<Record> discarded(long chunk, int replicas, long now) {
    ChunkDraft draft = new ChunkDraft(chunk, null);
    draft.written(0, replicas, true);
    List<Record> records = new ArrayList<>();
    ContentDraft.addChunkRecords(Map.of(chunk, draft), records, now);
    return records;
  }

  /**
   * What the file still has of the extents, as extents of the new chunk. Others may have written
   * many short ones over them since.
   */
  private static List<ExtentRow> moved(
      MetadataView view, long map, List<ExtentRow> extents, long chunk) {
    List<ExtentRow> moved = new ArrayList<>();
    long chunkOffset = 0;
    int met = 0;
    try (ExtentCursor present = view.extents(map)) {
      for (ExtentRow planned : extents) {
        ExtentRow at = present.firstEndingBehind(planned.start());
        while (at != null && at.start() < planned.end() && met < MOST_EXTENTS) {
          met++;
          if (isPartOf(at, planned)) {
            long start = Math.max(at.start(), planned.start());
            long end = Math.min(at.end(), planned.end());
            moved.add(new ExtentRow(start, end, chunk, chunkOffset + (start - planned.start())));
          }
          at = present.next();
        }
        chunkOffset += planned.length();
      }
    }
    return moved;
  }

  /** Whether both say of the bytes they share that these are at the same place of one chunk. */
  private static boolean isPartOf(ExtentRow present, ExtentRow planned) {
    return present.chunk() == planned.chunk()
        && present.chunkOffset() - present.start() == planned.chunkOffset() - planned.start();
  }
}
