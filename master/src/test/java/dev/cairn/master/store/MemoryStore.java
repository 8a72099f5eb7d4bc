package dev.cairn.master.store;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Tables in memory. A snapshot is a copy. For tests, and one thread. */
public final class MemoryStore implements Store {

  private final Map<Table, NavigableMap<byte[], byte[]>> rows = new EnumMap<>(Table.class);

  public MemoryStore() {
    for (Table table : Table.values()) {
      rows.put(table, new TreeMap<>(Arrays::compareUnsigned));
    }
  }

  @Override
  public byte[] get(Table table, byte[] key) {
    return rows.get(table).get(key);
  }

  @Override
  public Cursor cursor(Table table, byte[] prefix) {
    return new MemoryCursor(rows.get(table), prefix);
  }

  @Override
  public Snapshot snapshot() {
    MemoryStore copy = new MemoryStore();
    rows.forEach((table, content) -> copy.rows.get(table).putAll(content));
    return new Snapshot() {
      @Override
      public byte[] get(Table table, byte[] key) {
        return copy.get(table, key);
      }

      @Override
      public Cursor cursor(Table table, byte[] prefix) {
        return copy.cursor(table, prefix);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void write(Overlay changes, Overlay further) {
    write(changes);
    write(further);
  }

  @Override
  public void write(Overlay changes) {
    changes.visit(
        new Overlay.Visitor<RuntimeException>() {
          @Override
          public void put(Table table, byte[] key, byte[] value) {
            rows.get(table).put(key, value);
          }

          @Override
          public void delete(Table table, byte[] key) {
            rows.get(table).remove(key);
          }
        });
  }

  @Override
  public void force() {}

  @Override
  public void close() {}

  /** Walks a tree that does not change meanwhile. */
  private static final class MemoryCursor implements Cursor {

    private final NavigableMap<byte[], byte[]> rows;
    private final byte[] prefix;
    private Iterator<Map.Entry<byte[], byte[]>> ahead;
    private Map.Entry<byte[], byte[]> current;

    MemoryCursor(NavigableMap<byte[], byte[]> rows, byte[] prefix) {
      this.rows = rows;
      this.prefix = prefix;
    }

    @Override
    public boolean seek(byte[] key) {
      byte[] from = Arrays.compareUnsigned(key, prefix) < 0 ? prefix : key;
      ahead = rows.tailMap(from, true).entrySet().iterator();
      return next();
    }

    @Override
    public boolean next() {
      current = ahead.hasNext() ? ahead.next() : null;
      if (current != null && !startsWithPrefix(current.getKey())) {
        current = null;
      }
      return current != null;
    }

    private boolean startsWithPrefix(byte[] key) {
      int mismatch = Arrays.mismatch(key, prefix);
      return mismatch < 0 || mismatch == prefix.length;
    }

    @Override
    public byte[] key() {
      return current.getKey();
    }

    @Override
    public byte[] value() {
      return current.getValue();
    }

    @Override
    public void close() {}
  }
}
