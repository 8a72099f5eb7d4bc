package dev.cairn.master.store;

import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;

/** Merges changes with the cursor below them. Stays valid while changes are added. */
final class OverlayCursor implements Cursor {

  private final NavigableMap<byte[], byte[]> changes;
  private final Cursor base;
  private final byte[] prefix;

  /** The base's position is ahead of, or at, the current key; null when it is at its end. */
  private byte[] baseKey;

  private byte[] key;
  private byte[] value;

  OverlayCursor(NavigableMap<byte[], byte[]> changes, Cursor base, byte[] prefix) {
    this.changes = changes;
    this.base = base;
    this.prefix = prefix;
  }

  @Override
  public boolean seek(byte[] from) {
    baseKey = base.seek(from) ? base.key() : null;
    byte[] start = Arrays.compareUnsigned(from, prefix) < 0 ? prefix : from;
    return settle(changes.ceilingEntry(start));
  }

  @Override
  public boolean next() {
    if (baseKey != null && Arrays.equals(baseKey, key)) {
      advanceBase();
    }
    return settle(changes.higherEntry(key));
  }

  /** Takes the smaller of the base's key and the first change, past what changes delete. */
  private boolean settle(Map.Entry<byte[], byte[]> firstChange) {
    Map.Entry<byte[], byte[]> change = inside(firstChange);
    while (true) {
      int order = compare(change);
      if (order < 0) {
        key = baseKey;
        value = null;
        return true;
      }
      if (change == null) {
        key = null;
        return false;
      }
      if (change.getValue() != Overlay.DELETED) {
        key = change.getKey();
        value = change.getValue();
        return true;
      }
      if (order == 0) {
        advanceBase();
      }
      change = inside(changes.higherEntry(change.getKey()));
    }
  }

  /** Negative when the base is next, 0 when both have the key, positive when the change is. */
  private int compare(Map.Entry<byte[], byte[]> change) {
    if (baseKey == null) {
      return 1;
    }
    return change == null ? -1 : Arrays.compareUnsigned(baseKey, change.getKey());
  }

  private Map.Entry<byte[], byte[]> inside(Map.Entry<byte[], byte[]> change) {
    return change != null && startsWithPrefix(change.getKey()) ? change : null;
  }

  private boolean startsWithPrefix(byte[] candidate) {
    return candidate.length >= prefix.length
        && Arrays.equals(candidate, 0, prefix.length, prefix, 0, prefix.length);
  }

  private void advanceBase() {
    baseKey = base.next() ? base.key() : null;
  }

  @Override
  public byte[] key() {
    return key;
  }

  @Override
  public byte[] value() {
    return value == null ? base.value() : value;
  }

  @Override
  public void close() {
    base.close();
  }
}
