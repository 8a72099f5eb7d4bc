package dev.cairn.master.store;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Rows that were read or written of late, over the tables they are of. For the thread of the one
 * writer, without whom nothing changes there: a row costs RocksDB 4 us, and a command wants about
 * eight, most of which the one before wanted too.
 */
public final class RecentRows implements Tables {

  private static final int MOST_ROWS = 8192;
  private static final int MOST_BYTES_OF_A_ROW = 1024;

  private final Tables base;
  private final Map<Key, byte[]> rows =
      new LinkedHashMap<>(MOST_ROWS, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, byte[]> eldest) {
          return size() > MOST_ROWS;
        }
      };

  public RecentRows(Tables base) {
    this.base = base;
  }

  @Override
  public byte[] get(Table table, byte[] key) {
    Key row = new Key(table, key);
    byte[] known = rows.get(row);
    if (known != null) {
      return known;
    }
    byte[] value = base.get(table, key);
    if (value != null) {
      remember(row, value);
    }
    return value;
  }

  @Override
  public Cursor cursor(Table table, byte[] prefix) {
    return base.cursor(table, prefix);
  }

  /** Forgets all rows: the tables may be others. */
  public void clear() {
    rows.clear();
  }

  /** Follows what was written to the tables. */
  public void written(Overlay changes) {
    changes.visit(
        new Overlay.Visitor<RuntimeException>() {
          @Override
          public void put(Table table, byte[] key, byte[] value) {
            remember(new Key(table, key), value);
          }

          @Override
          public void delete(Table table, byte[] key) {
            rows.remove(new Key(table, key));
          }
        });
  }

  private void remember(Key row, byte[] value) {
    // Replies are read only where an answer was lost.
    if (value.length <= MOST_BYTES_OF_A_ROW && row.table != Table.REPLIES) {
      rows.put(row, value);
    } else {
      rows.remove(row);
    }
  }

  /** A table and a key of it, compared by content. */
  private static final class Key {

    private final Table table;
    private final byte[] bytes;

    Key(Table table, byte[] bytes) {
      this.table = table;
      this.bytes = bytes;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && table == key.table && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(bytes) + table.hashCode();
    }
  }
}
