package dev.cairn.master.state;

import dev.cairn.master.record.proto.Chunk;
import dev.cairn.master.record.proto.ChunksDiscarded;
import dev.cairn.master.record.proto.ChunksWritten;
import dev.cairn.master.record.proto.ExtentsChanged;
import dev.cairn.master.record.proto.GarbageDeleted;
import dev.cairn.master.store.Layout;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Table;
import dev.cairn.rpc.proto.Extent;
import java.util.List;

/** What records do to extents, chunks and garbage. */
final class ContentRows {

  private final Overlay rows;
  private final Counters counters;

  ContentRows(Overlay rows, Counters counters) {
    this.rows = rows;
    this.counters = counters;
  }

  boolean changed(ExtentsChanged change) {
    long map = change.getExtentMap();
    for (int i = 0; i < change.getRemovedEndsCount(); i++) {
      rows.delete(Table.EXTENTS, Layout.pair(map, change.getRemovedEnds(i)));
    }
    for (Extent extent : change.getWrittenList()) {
      rows.put(
          Table.EXTENTS,
          Layout.pair(map, extent.getFileOffset() + extent.getLength()),
          Layout.extentValue(extent.getLength(), extent.getChunkId(), extent.getChunkOffset()));
    }
    return true;
  }

  boolean idTaken(long chunk) {
    counters.raise(Meta.NEXT_CHUNK, chunk + 1);
    return true;
  }

  boolean written(ChunksWritten change) {
    int created = 0;
    for (Chunk chunk : change.getChunksList()) {
      created += chunk.getCreated() ? 1 : 0;
      put(chunk);
    }
    counters.add(Meta.CHUNK_COUNT, created);
    return true;
  }

  boolean sealed(Chunk chunk) {
    put(chunk);
    counters.add(Meta.CHUNK_COUNT, chunk.getCreated() ? 1 : 0);
    return true;
  }

  private void put(Chunk chunk) {
    rows.put(
        Table.CHUNKS,
        Layout.u64(chunk.getId()),
        Layout.chunkValue(
            chunk.getReferences(), chunk.getLength(), chunk.getReplicas(), state(chunk)));
  }

  private static byte state(Chunk chunk) {
    byte sealed = chunk.getRagged() ? ChunkRow.RAGGED : ChunkRow.SEALED;
    return chunk.getSealed() ? sealed : ChunkRow.OPEN;
  }

  boolean discarded(ChunksDiscarded change) {
    List<Long> ids = change.getIdsList();
    for (long id : ids) {
      if (!change.getStrays()) {
        rows.delete(Table.CHUNKS, Layout.u64(id));
      }
      rows.put(
          Table.GARBAGE,
          Layout.u64(id),
          Layout.garbageValue(change.getSince(), change.getStrays()));
    }
    counters.add(Meta.GARBAGE_COUNT, ids.size());
    counters.add(Meta.CHUNK_COUNT, change.getStrays() ? 0 : -ids.size());
    if (change.getStrays()) {
      counters.add(Meta.STRAY_COUNT, ids.size());
    }
    return true;
  }

  boolean deleted(GarbageDeleted change) {
    int strays = 0;
    for (long id : change.getIdsList()) {
      byte[] row = rows.get(Table.GARBAGE, Layout.u64(id));
      strays += row != null && Layout.isStray(row) ? 1 : 0;
      rows.delete(Table.GARBAGE, Layout.u64(id));
    }
    counters.add(Meta.GARBAGE_COUNT, -change.getIdsCount());
    // Those that became garbage under an earlier version were not counted.
    counters.takeAtMost(Meta.STRAY_COUNT, strays);
    return true;
  }
}
