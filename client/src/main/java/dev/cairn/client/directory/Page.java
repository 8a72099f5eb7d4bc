package dev.cairn.client.directory;

import dev.cairn.client.vfs.Vfs.DirectoryEntry;
import dev.cairn.client.vfs.Vfs.Listing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A part of a listing as the master told it. Filled by one thread, then safe for any. */
final class Page {

  /** Covers no cookie. */
  static final Page NONE = new Page(Long.MAX_VALUE, 0, false, false, 0);

  private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

  private final long start;
  private final long[] places;
  private final List<DirectoryEntry> entries;
  private final boolean isLast;
  private final boolean hasAttributes;
  private final long nanos;

  /**
   * An empty part.
   *
   * @param start the cookie behind which it begins
   * @param isLast there is nothing behind it
   * @param nanos when it was told
   */
  Page(long start, int mostEntries, boolean isLast, boolean hasAttributes, long nanos) {
    this.start = start;
    this.places = new long[mostEntries];
    this.entries = new ArrayList<>(mostEntries);
    this.isLast = isLast;
    this.hasAttributes = hasAttributes;
    this.nanos = nanos;
  }

  /** Adds the entry with the next place, or the same as the last one's. */
  void add(long place, DirectoryEntry entry) {
    places[entries.size()] = place;
    entries.add(entry);
  }

  /** Whether the listing behind the cookie may be answered from here. */
  boolean serves(long cookie, boolean withAttributes, long nowNanos) {
    boolean covers =
        start <= cookie && (isLast || (!entries.isEmpty() && cookie < places[entries.size() - 1]));
    return covers && (hasAttributes || !withAttributes) && nowNanos - nanos < FRESH_NANOS;
  }

  Listing behind(long cookie) {
    int low = 0;
    int high = entries.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (places[middle] > cookie) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return new Listing(entries.subList(low, entries.size()), isLast);
  }
}
