package dev.cairn.client.file;

import dev.cairn.client.file.Source.Buffered;
import dev.cairn.client.file.Source.Stored;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.ExtentMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where each byte of a file is, as this client knows it. What is appended and not committed has no
 * offset yet, since only the master knows where the file ends: it is shown behind all the rest, and
 * moves on when the rest turns out to be longer. All methods need the file's lock.
 */
final class FileContent {

  /**
   * A part of a file.
   *
   * @param source null for a hole
   * @param place of the chunk that it is stored in; null for a hole, and for what is in memory
   */
  record Part(long offset, long length, Source source, ChunkPlace place) {}

  /** Chunks written to whose places are remembered, before those are sought that need not be. */
  private static final int MOST_WRITTEN = 1024;

  private final RangeMap<Source> overlay = new RangeMap<>(Source::plus);

  /** By position in the stream of appends; without gaps, as they are committed in order. */
  private final RangeMap<Source> appended = new RangeMap<>(Source::plus);

  private final KnownExtents base;

  /** Where chunks are that have bytes which are acknowledged and not committed. */
  private final Map<Long, ChunkPlace> written = new HashMap<>();

  private long committedSize;
  private long nextAppend;

  FileContent(ExtentBudget.Share share) {
    this.base = new KnownExtents(share);
  }

  /** Length of the file with what is written and not committed. */
  long size() {
    return appendOffset() + appended.end() - appended.start();
  }

  /** Where the first byte that is appended and not committed is shown. */
  long appendOffset() {
    return Math.max(committedSize, overlay.end());
  }

  /** Whether a write there would meet bytes that are appended and have no place yet. */
  boolean meetsAppended(long end) {
    return !appended.isEmpty() && end > committedSize;
  }

  /** The position of the next bytes in the stream of appends. */
  long takeAppendPosition(int length) {
    long position = nextAppend;
    nextAppend += length;
    return position;
  }

  long committedSize() {
    return committedSize;
  }

  void committedSize(long size) {
    committedSize = size;
  }

  /** Forgets what the master said of extents: it will be asked again. */
  void forgetBase() {
    base.clear();
  }

  /** The file is known to have no extents at all. */
  void isEmpty() {
    base.clear();
    base.learn(0, ExtentMap.newBuilder().setCompleteTo(-1).build());
  }

  /** Learns a part of the master's extent map, which begins at the given offset. */
  void learn(long from, ExtentMap map) {
    base.learn(from, map);
  }

  /** The first offset in [from, to) about which the master must be asked; -1 when there is none. */
  long firstUnknown(long from, long to) {
    return base.firstUnknown(from, to);
  }

  /** See {@link KnownExtents#knownEnd}. */
  long knownEnd(long from, long to) {
    return base.knownEnd(from, to);
  }

  /** The servers that have all acknowledged bytes of a chunk. */
  void wroteTo(long chunkId, List<Integer> servers) {
    written.put(chunkId, new ChunkPlace(List.copyOf(servers), false));
  }

  /** The parts of [from, to), in order and without gaps. */
  List<Part> parts(long from, long to) {
    List<Part> parts = new ArrayList<>();
    long placed = appended.isEmpty() ? to : Math.min(to, Math.max(from, appendOffset()));
    addPlaced(parts, from, placed);
    if (placed < to) {
      addAppended(parts, placed, to);
    }
    return parts;
  }

  private void addPlaced(List<Part> parts, long from, long to) {
    long at = from;
    for (RangeMap.Range<Source> range : overlay.within(from, to)) {
      addBase(parts, at, range.offset());
      addWritten(parts, range.offset(), range.end(), range.value());
      at = range.end();
    }
    addBase(parts, at, to);
  }

  private void addAppended(List<Part> parts, long from, long to) {
    long shift = appendOffset() - appended.start();
    long at = from;
    for (RangeMap.Range<Source> range : appended.within(from - shift, to - shift)) {
      at = range.end() + shift;
      addWritten(parts, range.offset() + shift, at, range.value());
    }
    addHole(parts, at, to);
  }

  private void addBase(List<Part> parts, long from, long to) {
    if (from >= to) {
      return;
    }
    long[] at = {from};
    base.visit(
        from,
        to,
        (offset, length, chunkId, chunkOffset, place) -> {
          addHole(parts, at[0], offset);
          parts.add(new Part(offset, length, new Stored(chunkId, chunkOffset), place));
          at[0] = offset + length;
        });
    addHole(parts, at[0], to);
  }

  private void addWritten(List<Part> parts, long from, long to, Source source) {
    ChunkPlace place = source instanceof Stored stored ? place(stored.chunkId()) : null;
    parts.add(new Part(from, to - from, source, place));
  }

  private ChunkPlace place(long chunkId) {
    return written.getOrDefault(chunkId, ChunkPlace.UNKNOWN);
  }

  private static void addHole(List<Part> parts, long from, long to) {
    if (from < to) {
      parts.add(new Part(from, to - from, null, null));
    }
  }

  /** The open arena's bytes that may be replaced in place: those one write of it shows whole. */
  Buffered replaceable(long offset, int length, Arena open) {
    RangeMap.Range<Source> range = overlay.at(offset);
    if (range == null || range.end() < offset + length) {
      return null;
    }
    Source source = range.value().plus(offset - range.offset());
    return source instanceof Buffered buffered && buffered.arena() == open ? buffered : null;
  }

  void wrote(Arena arena, Arena.Write write) {
    uncommitted(arena)
        .put(write.fileOffset(), write.length(), new Buffered(arena, write.position()));
  }

  private RangeMap<Source> uncommitted(Arena arena) {
    return arena.holdsAppends() ? appended : overlay;
  }

  /**
   * What of the arena still shows is from now on read from the chunks it was sent to.
   *
   * @param extents all of the arena's bytes, in the order they stand there
   */
  void acknowledged(Arena arena, List<Extent> extents) {
    RangeMap<Source> map = uncommitted(arena);
    long position = 0;
    for (Extent extent : extents) {
      Stored stored = new Stored(extent.getChunkId(), extent.getChunkOffset());
      long start = extent.getFileOffset();
      for (RangeMap.Range<Source> range : map.within(start, start + extent.getLength())) {
        long delta = range.offset() - start;
        // A later write of the same arena may show in this extent's place.
        if (range.value().equals(new Buffered(arena, (int) (position + delta)))) {
          map.put(range.offset(), range.length(), stored.plus(delta));
        }
      }
      position += extent.getLength();
    }
  }

  /** What of the extents still shows is from now on part of the base. */
  void committed(List<Extent> extents) {
    for (Extent extent : extents) {
      long start = extent.getFileOffset();
      for (RangeMap.Range<Source> range : overlay.within(start, start + extent.getLength())) {
        Stored stored =
            new Stored(extent.getChunkId(), extent.getChunkOffset() + range.offset() - start);
        if (range.value().equals(stored)) {
          base.committed(range.offset(), range.length(), stored, place(stored.chunkId()));
          overlay.remove(range.offset(), range.length());
        }
      }
    }
    forgetPlaces();
  }

  /** Forgets where chunks are of which all bytes are committed, once that is worth looking. */
  private void forgetPlaces() {
    if (!hasUncommitted()) {
      written.clear();
    } else if (written.size() > MOST_WRITTEN) {
      Set<Long> uncommitted = new HashSet<>();
      for (RangeMap<Source> map : List.of(overlay, appended)) {
        for (RangeMap.Range<Source> range : map.within(0, Long.MAX_VALUE)) {
          if (range.value() instanceof Stored stored) {
            uncommitted.add(stored.chunkId());
          }
        }
      }
      written.keySet().retainAll(uncommitted);
    }
  }

  /** The extents, which lie one behind the other in the stream of appends, got this place. */
  void committedAppends(List<Extent> extents, long offset) {
    long shift = offset - extents.get(0).getFileOffset();
    for (Extent extent : extents) {
      appended.remove(extent.getFileOffset(), extent.getLength());
      base.committed(
          extent.getFileOffset() + shift,
          extent.getLength(),
          new Stored(extent.getChunkId(), extent.getChunkOffset()),
          place(extent.getChunkId()));
    }
    forgetPlaces();
  }

  /** Gives up what is appended, on chunk servers, and will not be committed. */
  void dropStoredAppends() {
    for (RangeMap.Range<Source> range : appended.within(0, Long.MAX_VALUE)) {
      if (range.value() instanceof Stored) {
        appended.remove(range.offset(), range.length());
      }
    }
  }

  /**
   * The chunks that committed extents in [from, to) refer to, each with the servers that have it.
   */
  Map<Long, List<Integer>> chunks(long from, long to) {
    Map<Long, List<Integer>> chunks = new LinkedHashMap<>();
    base.visit(
        from,
        to,
        (offset, length, chunkId, chunkOffset, place) -> chunks.put(chunkId, place.serverIds()));
    return chunks;
  }

  /** The first byte in [from, to), which is known, that is in a hole, or is not; -1: none. */
  long seek(long from, long to, boolean hole) {
    for (Part part : parts(from, to)) {
      if ((part.source() == null) == hole) {
        return part.offset();
      }
    }
    return -1;
  }

  /** Gives up everything that is not committed. */
  void dropUncommitted() {
    overlay.clear();
    appended.clear();
    written.clear();
  }

  boolean hasUncommitted() {
    return !overlay.isEmpty() || !appended.isEmpty();
  }
}
