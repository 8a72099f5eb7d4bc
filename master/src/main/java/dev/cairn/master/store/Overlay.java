package dev.cairn.master.store;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Changes that are not written yet, over the tables they will be written to: reads see both.
 * Several changes of a key count as one. For one thread.
 */
public final class Overlay implements Tables {

  /** Is told every change, table by table in the order of the keys. */
  public interface Visitor<E extends Exception> {

    void put(Table table, byte[] key, byte[] value) throws E;

    void delete(Table table, byte[] key) throws E;
  }

  /** Marks a deletion by its identity; no value is this array. */
  static final byte[] DELETED = new byte[0];

  private static final int ENTRY_OVERHEAD_BYTES = 96;

  private Tables base;
  private final Map<Table, NavigableMap<byte[], byte[]>> changes = new EnumMap<>(Table.class);
  private long bytes;

  public Overlay(Tables base) {
    this.base = base;
    for (Table table : Table.values()) {
      changes.put(table, new TreeMap<>(Arrays::compareUnsigned));
    }
  }

  /** Sets a value, which is kept as it is: the caller gives both arrays away. */
  public void put(Table table, byte[] key, byte[] value) {
    changes.get(table).put(key, value);
    bytes += key.length + value.length + ENTRY_OVERHEAD_BYTES;
  }

  public void delete(Table table, byte[] key) {
    changes.get(table).put(key, DELETED);
    bytes += key.length + ENTRY_OVERHEAD_BYTES;
  }

  @Override
  public byte[] get(Table table, byte[] key) {
    byte[] own = changes.get(table).get(key);
    if (own == null) {
      return base.get(table, key);
    }
    return own == DELETED ? null : own;
  }

  @Override
  public Cursor cursor(Table table, byte[] prefix) {
    return new OverlayCursor(changes.get(table), base.cursor(table, prefix), prefix);
  }

  /** Has it lie over other tables, which show the same. */
  public void rebase(Tables other) {
    base = other;
  }

  /** Roughly the memory that the changes take. */
  public long bytes() {
    return bytes;
  }

  public boolean isEmpty() {
    return bytes == 0;
  }

  public <E extends Exception> void visit(Visitor<E> visitor) throws E {
    for (Map.Entry<Table, NavigableMap<byte[], byte[]>> table : changes.entrySet()) {
      for (Map.Entry<byte[], byte[]> change : table.getValue().entrySet()) {
        if (change.getValue() == DELETED) {
          visitor.delete(table.getKey(), change.getKey());
        } else {
          visitor.put(table.getKey(), change.getKey(), change.getValue());
        }
      }
    }
  }

  /** Forgets all changes. */
  public void clear() {
    changes.values().forEach(Map::clear);
    bytes = 0;
  }
}
