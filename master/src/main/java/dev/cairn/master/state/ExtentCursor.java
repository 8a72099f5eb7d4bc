package dev.cairn.master.state;

import dev.cairn.master.store.Cursor;
import dev.cairn.master.store.Layout;
import dev.cairn.master.store.Table;
import dev.cairn.master.store.Tables;

/** A position among the extents of one map, in order of file offset. To be closed. */
public final class ExtentCursor implements AutoCloseable {

  private final long map;
  private final Cursor rows;

  ExtentCursor(Tables tables, long map) {
    this.map = map;
    this.rows = tables.cursor(Table.EXTENTS, Layout.u64(map));
  }

  /** The first extent that ends behind the offset, thus covers it or begins later; null if none. */
  public ExtentRow firstEndingBehind(long offset) {
    return rows.seek(Layout.pair(map, offset + 1)) ? current() : null;
  }

  /** The one after; null if there is none. */
  public ExtentRow next() {
    return rows.next() ? current() : null;
  }

  private ExtentRow current() {
    return ExtentRow.of(rows.key(), rows.value());
  }

  @Override
  public void close() {
    rows.close();
  }
}
