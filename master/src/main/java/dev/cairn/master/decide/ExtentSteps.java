package dev.cairn.master.decide;

import dev.cairn.master.state.ExtentCursor;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;

/**
 * Cuts work on a range of a file into steps that meet a bounded number of extents each. A decision
 * takes one step; the client asks for the next.
 */
record ExtentSteps(MetadataView view, int mostExtents) {

  /** Extents that one step meets: it changes some 10,000 rows at most, a few MB. */
  static final int MOST_EXTENTS = 4096;

  /** The end of the first step through [from, to). */
  long end(long map, long from, long to) {
    if (from >= to) {
      return to;
    }
    try (ExtentCursor extents = view.extents(map)) {
      ExtentRow extent = extents.firstEndingBehind(from);
      long end = from;
      for (int met = 0; extent != null && extent.start() < to; met++) {
        if (met == mostExtents) {
          return end;
        }
        end = extent.end();
        if (end >= to) {
          // What lies behind may be long deleted, and slow to pass over.
          return to;
        }
        extent = extents.next();
      }
      return to;
    }
  }

  boolean isOne(long map, long from, long to) {
    return end(map, from, to) == to;
  }

  /**
   * The start of the last step through [from, to), which is more than one. Extents can be gone
   * through forwards only, so it is searched by doubling or halving the distance from the end,
   * beginning with the length that as many extents have at the start. An extent ends where the step
   * starts, if one can: the search for the next step, which ends there, then looks no further.
   */
  long startOfLast(long map, long from, long to) {
    long distance = Math.max(1, Math.min(end(map, from, to) - from, (to - from) / 2));
    while (!isOne(map, to - distance, to)) {
      distance = Math.max(1, distance / 2);
    }
    while (distance <= (to - from) / 2 && isOne(map, to - 2 * distance, to)) {
      distance *= 2;
    }
    long start = to - distance;
    try (ExtentCursor extents = view.extents(map)) {
      ExtentRow first = extents.firstEndingBehind(start);
      return first != null && first.end() < to ? first.end() : start;
    }
  }
}
