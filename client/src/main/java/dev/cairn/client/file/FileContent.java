package dev.cairn.client.file;

import dev.cairn.client.file.Source.Buffered;
import dev.cairn.client.file.Source.Stored;
import dev.cairn.rpc.proto.ChunkLocation;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.ExtentMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where each byte of a file is, as this client knows it. What is appended and not committed has no
 * offset yet, since only the master knows where the file ends: it is shown behind all the rest, and
 * moves on when the rest turns out to be longer. All methods need the file's lock.
 */
final class FileContent {

  /** A part of a file; the source is null for a hole. */
  record Part(long offset, long length, Source source) {}

  private final RangeMap<Source> overlay = new RangeMap<>(Source::plus);

  /** By position in the stream of appends; without gaps, as they are committed in order. */
  private final RangeMap<Source> appended = new RangeMap<>(Source::plus);

  private final RangeMap<Source> base = new RangeMap<>(Source::plus);
  private final RangeMap<Boolean> known = new RangeMap<>((value, delta) -> value);
  private final Map<Long, List<Integer>> locations = new HashMap<>();
  private final Set<Long> lost = new HashSet<>();
  private long committedSize;
  private long nextAppend;

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
    known.clear();
    if (!hasUncommitted()) {
      locations.clear();
    }
    lost.clear();
  }

  /** The file is known to have no extents at all. */
  void isEmpty() {
    forgetBase();
    known.put(0, Long.MAX_VALUE, true);
  }

  /** Learns a part of the master's extent map, which begins at the given offset. */
  void learn(long from, ExtentMap map) {
    long to = map.getCompleteTo() < 0 ? Long.MAX_VALUE : map.getCompleteTo();
    if (to > from) {
      base.remove(from, to - from);
      known.put(from, to - from, true);
    }
    for (Extent extent : map.getExtentsList()) {
      base.put(
          extent.getFileOffset(),
          extent.getLength(),
          new Stored(extent.getChunkId(), extent.getChunkOffset()));
    }
    for (ChunkLocation location : map.getLocationsList()) {
      locations.put(location.getChunkId(), location.getServerIdsList());
      if (location.getLost()) {
        lost.add(location.getChunkId());
      }
    }
  }

  /** The first offset in [from, to) about which the master must be asked; -1 when there is none. */
  long firstUnknown(long from, long to) {
    long at = from;
    while (at < to) {
      RangeMap.Range<Boolean> range = known.at(at);
      if (range == null) {
        return at;
      }
      at = range.end();
    }
    return -1;
  }

  List<Integer> locations(long chunkId) {
    return locations.getOrDefault(chunkId, List.of());
  }

  /** Whether the master knew, when it was asked last, that no server will be found to have it. */
  boolean isLost(long chunkId) {
    return lost.contains(chunkId);
  }

  void wroteTo(long chunkId, List<Integer> servers) {
    locations.put(chunkId, servers);
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
      addPart(parts, range.offset(), range.end(), range.value());
      at = range.end();
    }
    addBase(parts, at, to);
  }

  private void addAppended(List<Part> parts, long from, long to) {
    long shift = appendOffset() - appended.start();
    long at = from;
    for (RangeMap.Range<Source> range : appended.within(from - shift, to - shift)) {
      at = range.end() + shift;
      addPart(parts, range.offset() + shift, at, range.value());
    }
    addPart(parts, at, to, null);
  }

  private void addBase(List<Part> parts, long from, long to) {
    long at = from;
    if (from < to) {
      for (RangeMap.Range<Source> range : base.within(from, to)) {
        addPart(parts, at, range.offset(), null);
        addPart(parts, range.offset(), range.end(), range.value());
        at = range.end();
      }
      addPart(parts, at, to, null);
    }
  }

  private static void addPart(List<Part> parts, long from, long to, Source source) {
    if (from < to) {
      parts.add(new Part(from, to - from, source));
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
          base.put(range.offset(), range.length(), stored);
          overlay.remove(range.offset(), range.length());
        }
      }
    }
  }

  /** The extents, which lie one behind the other in the stream of appends, got this place. */
  void committedAppends(List<Extent> extents, long offset) {
    long shift = offset - extents.get(0).getFileOffset();
    for (Extent extent : extents) {
      appended.remove(extent.getFileOffset(), extent.getLength());
      base.put(
          extent.getFileOffset() + shift,
          extent.getLength(),
          new Stored(extent.getChunkId(), extent.getChunkOffset()));
    }
  }

  /** Gives up what is appended, on chunk servers, and will not be committed. */
  void dropStoredAppends() {
    for (RangeMap.Range<Source> range : appended.within(0, Long.MAX_VALUE)) {
      if (range.value() instanceof Stored) {
        appended.remove(range.offset(), range.length());
      }
    }
  }

  /** The chunks of the base, each once. */
  Set<Long> chunks() {
    Set<Long> chunks = new LinkedHashSet<>();
    for (RangeMap.Range<Source> range : base.within(0, Long.MAX_VALUE)) {
      if (range.value() instanceof Stored stored) {
        chunks.add(stored.chunkId());
      }
    }
    return chunks;
  }

  /**
   * The first byte at or behind the offset that is in a hole, or is not; -1 where there is none.
   */
  long seek(long offset, long size, boolean hole) {
    for (Part part : parts(offset, size)) {
      if ((part.source() == null) == hole) {
        return part.offset();
      }
    }
    return hole ? size : -1;
  }

  /** Gives up everything that is not committed. */
  void dropUncommitted() {
    overlay.clear();
    appended.clear();
  }

  boolean hasUncommitted() {
    return !overlay.isEmpty() || !appended.isEmpty();
  }
}
