package dev.cairn.master.fsck;

import java.util.Arrays;

/** Numbers of a part of the ids, in order: 12 bytes for each. For one thread. */
final class Counts {

  /** How many ids one part has. */
  static final int MOST = 1 << 20;

  private final long[] ids;
  private final int[] counts;
  private int size;

  Counts(int most) {
    ids = new long[most];
    counts = new int[most];
  }

  /** Adds an id larger than all before; false when there is no room. */
  boolean add(long id, int count) {
    if (size == ids.length) {
      return false;
    }
    ids[size] = id;
    counts[size++] = count;
    return true;
  }

  /** Counts one more of an id, if it is of this part. */
  void increment(long id) {
    int at = Arrays.binarySearch(ids, 0, size, id);
    if (at >= 0) {
      counts[at]++;
    }
  }

  int size() {
    return size;
  }

  long id(int index) {
    return ids[index];
  }

  int count(int index) {
    return counts[index];
  }

  boolean isFull() {
    return size == ids.length;
  }

  /** Where the next part begins. */
  long next() {
    return ids[size - 1] + 1;
  }

  void clear() {
    size = 0;
  }
}
