package dev.cairn.master.decide;

import dev.cairn.master.record.proto.ChunksDiscarded;
import dev.cairn.master.record.proto.GarbageDeleted;
import dev.cairn.master.record.proto.MarkedReplica;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.ReplicaName;
import dev.cairn.master.state.MetadataView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

/** Forgets garbage that is deleted everywhere, and finds chunks that no file ever got. */
public final class GarbageDecider {

  private GarbageDecider() {}

  /** Drops the rows of garbage of which no replica is left. */
  public static Decision<Integer> deleted(MetadataView view, List<Long> chunks) {
    GarbageDeleted.Builder deleted = GarbageDeleted.newBuilder();
    List<Record> records = new ArrayList<>();
    for (long chunk : chunks) {
      if (view.garbageSince(chunk) == null) {
        continue;
      }
      deleted.addIds(chunk);
      view.badReplicasOf(chunk, mark -> records.add(forgotten(mark)));
    }
    if (deleted.getIdsCount() > 0) {
      records.add(Record.newBuilder().setGarbageDeleted(deleted).build());
    }
    return new Decision<>(records, deleted.getIdsCount());
  }

  private static Record forgotten(MarkedReplica mark) {
    return Record.newBuilder()
        .setBadReplicaForgotten(
            ReplicaName.newBuilder().setChunk(mark.getChunk()).setServer(mark.getServer()))
        .build();
  }

  /**
   * Makes garbage of reported chunks that no file refers to and no session may still commit: their
   * writer died before it could. Answers those.
   *
   * @param chunks ids without a row, as the reporter found
   * @param granted whether a live session may still commit the chunk
   */
  public static Decision<List<Long>> strays(
      MetadataView view, List<Long> chunks, LongPredicate granted, long now) {
    ChunksDiscarded.Builder strays = ChunksDiscarded.newBuilder().setStrays(true).setSince(now);
    for (long chunk : chunks) {
      boolean known = view.chunk(chunk) != null || view.garbageSince(chunk) != null;
      if (!known && !granted.test(chunk)) {
        strays.addIds(chunk);
      }
    }
    if (strays.getIdsCount() == 0) {
      return Decision.replyOnly(List.of());
    }
    return new Decision<>(
        List.of(Record.newBuilder().setChunksDiscarded(strays).build()), strays.getIdsList());
  }
}
