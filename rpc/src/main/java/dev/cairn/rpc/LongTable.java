package dev.cairn.rpc;

import java.util.function.LongBinaryOperator;

/**
 * An open-addressing map from numbers that are not 0 to numbers, at 21 to 32 bytes for each. An
 * entry keeps its slot until another one is added or removed. For one thread at a time.
 */
public final class LongTable {

  /** No slot. */
  public static final int NONE = -1;

  private static final int FIRST_SLOTS = 16;

  // Key and value in turn; key 0 marks a free slot.
  private long[] entries = new long[2 * FIRST_SLOTS];
  private int size;

  /** How many entries there are. */
  public int size() {
    return size;
  }

  /** Slots there are, numbered from 0. */
  public int slots() {
    return entries.length / 2;
  }

  /** Memory of the entries' array. */
  public long bytes() {
    return (long) entries.length * Long.BYTES;
  }

  /** The key in a slot; 0 when it is free. */
  public long key(int slot) {
    return entries[2 * slot];
  }

  /** The value in a slot; 0 when it is free. */
  public long value(int slot) {
    return entries[2 * slot + 1];
  }

  /** Changes the value of the key that is in the slot. */
  public void value(int slot, long value) {
    entries[2 * slot + 1] = value;
  }

  /** The slot of the key, or {@link #NONE}. */
  public int find(long key) {
    int slot = place(key);
    return key(slot) == 0 ? NONE : slot;
  }

  /** The slot of the key, which gets the value 0 when it is new. */
  public int findOrAdd(long key) {
    Check.that(key != 0, "0 is no key");
    int slot = place(key);
    if (key(slot) == key) {
      return slot;
    }
    if (4L * (size + 1) > 3L * slots()) {
      grow();
      slot = place(key);
    }
    entries[2 * slot] = key;
    size++;
    return slot;
  }

  /** The slot of the key, or the free one where it would go. */
  private int place(long key) {
    int slot = home(key);
    while (key(slot) != 0 && key(slot) != key) {
      slot = next(slot);
    }
    return slot;
  }

  /** Takes the entry in a slot out, and moves those back that gave way to it. */
  public void remove(int slot) {
    int hole = slot;
    for (int next = next(hole); key(next) != 0; next = next(next)) {
      // The entry may move back into the hole unless its home lies cyclically behind the hole.
      if (distance(home(key(next)), next) >= distance(hole, next)) {
        entries[2 * hole] = entries[2 * next];
        entries[2 * hole + 1] = entries[2 * next + 1];
        hole = next;
      }
    }
    entries[2 * hole] = 0;
    entries[2 * hole + 1] = 0;
    size--;
  }

  /**
   * Changes all values, and takes out what gets the value 0.
   *
   * @param change answers the value of a key that has had another one
   */
  public void replaceAll(LongBinaryOperator change) {
    int free = 0;
    while (key(free) != 0) {
      free++;
    }
    // Backwards from a free slot, so that what moves into a slot was looked at before.
    for (int slot = previous(free); slot != free; slot = previous(slot)) {
      if (key(slot) != 0) {
        long value = change.applyAsLong(key(slot), value(slot));
        if (value == 0) {
          remove(slot);
        } else {
          value(slot, value);
        }
      }
    }
  }

  private int previous(int slot) {
    return slot == 0 ? slots() - 1 : slot - 1;
  }

  private int next(int slot) {
    return slot + 1 == slots() ? 0 : slot + 1;
  }

  /** How many slots it is from one to another, which may be behind the end. */
  private int distance(int from, int to) {
    return to >= from ? to - from : to - from + slots();
  }

  private int home(long key) {
    return (int) (((hash(key) & 0xffffffffL) * slots()) >>> 32);
  }

  /** By half only: what is just about full is not much emptier afterwards. */
  private void grow() {
    long[] old = entries;
    entries = new long[2 * (slots() + slots() / 2)];
    for (int i = 0; i < old.length; i += 2) {
      if (old[i] != 0) {
        int slot = place(old[i]);
        entries[2 * slot] = old[i];
        entries[2 * slot + 1] = old[i + 1];
      }
    }
  }

  /**
   * Spreads keys that follow each other (Stafford's variant 13 of the murmur finalizer). Tables use
   * the low half.
   */
  public static long hash(long key) {
    long h = (key ^ (key >>> 30)) * 0xbf58476d1ce4e5b9L;
    h = (h ^ (h >>> 27)) * 0x94d049bb133111ebL;
    return h ^ (h >>> 31);
  }
}
