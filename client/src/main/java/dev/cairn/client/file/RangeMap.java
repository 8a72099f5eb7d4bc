package dev.cairn.client.file;

import dev.cairn.rpc.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Disjoint ranges of offsets, each with a value; what is put last hides what was there. */
final class RangeMap<V> {

  /** Makes the value of the part of a range that begins some way behind its start. */
  interface Tail<V> {
    V from(V value, long delta);
  }

  record Range<V>(long offset, long length, V value) {
    long end() {
      return offset + length;
    }
  }

  private final TreeMap<Long, Range<V>> ranges = new TreeMap<>();
  private final Tail<V> tail;

  RangeMap(Tail<V> tail) {
    this.tail = tail;
  }

  void put(long offset, long length, V value) {
    Check.that(length > 0, "a range of %s bytes", length);
    remove(offset, length);
    ranges.put(offset, new Range<>(offset, length, value));
  }

  /** Cuts [offset, offset + length) out of everything. */
  void remove(long offset, long length) {
    long end = offset + length;
    Map.Entry<Long, Range<V>> before = ranges.lowerEntry(offset);
    if (before != null && before.getValue().end() > offset) {
      Range<V> cut = before.getValue();
      ranges.put(cut.offset(), new Range<>(cut.offset(), offset - cut.offset(), cut.value()));
      keepTail(cut, end);
    }
    Map.Entry<Long, Range<V>> next = ranges.ceilingEntry(offset);
    while (next != null && next.getKey() < end) {
      ranges.remove(next.getKey());
      keepTail(next.getValue(), end);
      next = ranges.ceilingEntry(offset);
    }
  }

  private void keepTail(Range<V> cut, long from) {
    if (cut.end() > from) {
      V value = tail.from(cut.value(), from - cut.offset());
      ranges.put(from, new Range<>(from, cut.end() - from, value));
    }
  }

  /** The parts of ranges that lie in [from, to), in order. */
  List<Range<V>> within(long from, long to) {
    List<Range<V>> found = new ArrayList<>();
    Map.Entry<Long, Range<V>> before = ranges.lowerEntry(from);
    if (before != null && before.getValue().end() > from) {
      found.add(clip(before.getValue(), from, to));
    }
    for (Range<V> range : ranges.subMap(from, Math.max(from, to)).values()) {
      found.add(clip(range, from, to));
    }
    return found;
  }

  private Range<V> clip(Range<V> range, long from, long to) {
    long start = Math.max(range.offset(), from);
    long end = Math.min(range.end(), to);
    return start == range.offset() && end == range.end()
        ? range
        : new Range<>(start, end - start, tail.from(range.value(), start - range.offset()));
  }

  /** The range that holds the offset, whole; null where there is none. */
  Range<V> at(long offset) {
    Map.Entry<Long, Range<V>> entry = ranges.floorEntry(offset);
    return entry != null && entry.getValue().end() > offset ? entry.getValue() : null;
  }

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  int size() {
    return ranges.size();
  }

  /** The end of the last range; 0 when there is none. */
  long end() {
    return ranges.isEmpty() ? 0 : ranges.lastEntry().getValue().end();
  }

  /** The start of the first range; 0 when there is none. */
  long start() {
    return ranges.isEmpty() ? 0 : ranges.firstKey();
  }

  void clear() {
    ranges.clear();
  }
}
