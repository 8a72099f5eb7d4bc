package dev.cairn.master.decide;

import dev.cairn.master.record.proto.ExtentsChanged;
import dev.cairn.master.state.ExtentCursor;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The extents one decision changes in one map, seen over those that are there. Below an offset that
 * nothing is known to reach behind (the file's size) it looks into the tables, above it does not
 * need to; and a row that was found serves until the next question leads past it.
 */
final class ExtentDraft implements AutoCloseable {

  private final MetadataView view;
  private final long map;
  private final long size;

  /** By the offset behind their last byte; null for one that is gone. */
  private final NavigableMap<Long, ExtentRow> changes = new TreeMap<>();

  private ExtentCursor cursor;

  /** The first row of the tables that ends behind {@code foundBehind}. */
  private ExtentRow found;

  private long foundBehind;

  ExtentDraft(MetadataView view, long map, long size) {
    this.view = view;
    this.map = map;
    this.size = size;
  }

  /** The first extent that covers the offset or begins behind it, or null. */
  ExtentRow firstEndingBehind(long offset) {
    ExtentRow stored = storedEndingBehind(offset);
    while (stored != null && changes.containsKey(stored.end())) {
      stored = storedEndingBehind(stored.end());
    }
    Map.Entry<Long, ExtentRow> own = changes.higherEntry(offset);
    while (own != null && own.getValue() == null) {
      own = changes.higherEntry(own.getKey());
    }
    if (own == null || (stored != null && stored.end() < own.getKey())) {
      return stored;
    }
    return own.getValue();
  }

  /** The extent that ends exactly there, or null. */
  ExtentRow endingAt(long end) {
    if (changes.containsKey(end)) {
      return changes.get(end);
    }
    return end <= size ? view.extentEndingAt(map, end) : null;
  }

  /** Whether an extent laid by this decision ends there. */
  boolean changedAt(long end) {
    return changes.get(end) != null;
  }

  private ExtentRow storedEndingBehind(long offset) {
    if (offset >= size) {
      return null;
    }
    if (cursor == null) {
      cursor = view.extents(map);
      return seek(offset);
    }
    if (offset < foundBehind) {
      return seek(offset);
    }
    if (found == null || offset < found.end()) {
      return found;
    }
    foundBehind = found.end();
    found = cursor.next();
    return found == null || offset < found.end() ? found : seek(offset);
  }

  private ExtentRow seek(long offset) {
    foundBehind = offset;
    found = cursor.firstEndingBehind(offset);
    return found;
  }

  void put(ExtentRow extent) {
    changes.put(extent.end(), extent);
  }

  void remove(ExtentRow extent) {
    changes.put(extent.end(), null);
  }

  boolean isEmpty() {
    return changes.isEmpty();
  }

  int changeCount() {
    return changes.size();
  }

  ExtentsChanged toRecord() {
    ExtentsChanged.Builder record = ExtentsChanged.newBuilder().setExtentMap(map);
    changes.forEach(
        (end, extent) -> {
          if (extent == null) {
            record.addRemovedEnds(end);
          } else {
            record.addWritten(extent.toProto());
          }
        });
    return record.build();
  }

  @Override
  public void close() {
    if (cursor != null) {
      cursor.close();
    }
  }
}
