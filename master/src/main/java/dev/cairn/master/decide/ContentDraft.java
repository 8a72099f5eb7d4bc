package dev.cairn.master.decide;

import dev.cairn.master.record.proto.ChunksDiscarded;
import dev.cairn.master.record.proto.ChunksWritten;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The content of a file as one decision changes it: its extents, and the chunks' references. A
 * decision holds all of its changes in memory, so their number is bounded.
 */
final class ContentDraft implements AutoCloseable {

  /** Rows of extents that one decision changes: about 16 MB of heap. */
  static final int MOST_CHANGES = 32_768;

  private final MetadataView view;
  private final ExtentDraft extents;
  private final int mostChanges;
  private final Map<Long, ChunkDraft> chunks = new LinkedHashMap<>();
  private long allocatedChange;

  /** Over the extents filed under a map, none of which reaches behind the size. */
  ContentDraft(MetadataView view, long map, long size) {
    this(view, map, size, MOST_CHANGES);
  }

  ContentDraft(MetadataView view, long map, long size, int mostChanges) {
    this.view = view;
    this.extents = new ExtentDraft(view, map, size);
    this.mostChanges = mostChanges;
  }

  ChunkDraft chunk(long id) {
    ChunkDraft draft = chunks.get(id);
    if (draft == null) {
      draft = new ChunkDraft(id, view.chunk(id));
      chunks.put(id, draft);
    }
    return draft;
  }

  /** How many more bytes extents cover than before. */
  long allocatedChange() {
    return allocatedChange;
  }

  /** Lays an extent over what is there. */
  void lay(ExtentRow extent) throws CairnException {
    checkBound();
    cut(extent.start(), extent.end());
    allocatedChange += extent.length();
    ExtentRow before = predecessor(extent);
    if (before == null) {
      chunk(extent.chunk()).refer(1);
      extents.put(extent);
      return;
    }
    extents.remove(before);
    extents.put(new ExtentRow(before.start(), extent.end(), extent.chunk(), before.chunkOffset()));
  }

  /** The extent that this one continues both in the file and in the chunk, or null. */
  private ExtentRow predecessor(ExtentRow extent) {
    boolean onlyOwn = chunk(extent.chunk()).created();
    if (onlyOwn && !extents.changedAt(extent.start())) {
      return null;
    }
    ExtentRow before = extents.endingAt(extent.start());
    boolean continues =
        before != null
            && before.chunk() == extent.chunk()
            && before.chunkOffset() + before.length() == extent.chunkOffset();
    return continues ? before : null;
  }

  private void checkBound() throws CairnException {
    if (extents.changeCount() >= mostChanges) {
      throw ErrorCode.TOO_MANY_EXTENTS.because(
          "one request would change more than " + mostChanges + " extents");
    }
  }

  /** Makes a hole from start to end. */
  void cut(long start, long end) throws CairnException {
    ExtentRow extent = extents.firstEndingBehind(start);
    while (extent != null && extent.start() < end) {
      checkBound();
      cut(extent, start, end);
      extent = extents.firstEndingBehind(extent.end());
    }
  }

  private void cut(ExtentRow extent, long start, long end) {
    int pieces = 0;
    extents.remove(extent);
    if (extent.start() < start) {
      extents.put(extent.before(start));
      pieces++;
    }
    if (extent.end() > end) {
      extents.put(extent.from(end));
      pieces++;
    }
    chunk(extent.chunk()).refer(pieces - 1);
    allocatedChange -= Math.min(end, extent.end()) - Math.max(start, extent.start());
  }

  /** Adds the records that make the change. */
  void addRecords(List<Record> records, long now) {
    if (!extents.isEmpty()) {
      records.add(Record.newBuilder().setExtentsChanged(extents.toRecord()).build());
    }
    addChunkRecords(chunks, records, now);
  }

  static void addChunkRecords(Map<Long, ChunkDraft> chunks, List<Record> records, long now) {
    ChunksWritten.Builder written = ChunksWritten.newBuilder();
    List<Long> discarded = new ArrayList<>();
    chunks.forEach(
        (id, chunk) -> {
          if (chunk.created() || !chunk.discarded()) {
            written.addChunks(chunk.toProto());
          }
          if (chunk.discarded()) {
            discarded.add(id);
          }
        });
    if (written.getChunksCount() > 0) {
      records.add(Record.newBuilder().setChunksWritten(written).build());
    }
    if (!discarded.isEmpty()) {
      records.add(
          Record.newBuilder()
              .setChunksDiscarded(ChunksDiscarded.newBuilder().addAllIds(discarded).setSince(now))
              .build());
    }
  }

  @Override
  public void close() {
    extents.close();
  }
}
