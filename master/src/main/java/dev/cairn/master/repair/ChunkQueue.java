package dev.cairn.master.repair;

import java.util.Arrays;

/** Chunk ids, first in first out, up to a bound: 8 bytes for each. For one thread at a time. */
final class ChunkQueue {

  private static final int MOST = 1 << 17;

  private long[] ids = new long[256];
  private int first;
  private int end;

  /** Adds an id, unless there are too many. */
  void add(long id) {
    if (end - first == MOST) {
      return;
    }
    if (end == ids.length) {
      int size = end - first;
      long[] into = size > ids.length / 2 ? new long[2 * ids.length] : ids;
      System.arraycopy(ids, first, into, 0, size);
      ids = into;
      first = 0;
      end = size;
    }
    ids[end++] = id;
  }

  boolean isEmpty() {
    return first == end;
  }

  int size() {
    return end - first;
  }

  long take() {
    return ids[first++];
  }

  /** The ids in order. */
  long[] toArray() {
    return Arrays.copyOfRange(ids, first, end);
  }
}
