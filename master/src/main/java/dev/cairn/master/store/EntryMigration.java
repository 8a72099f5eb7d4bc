package dev.cairn.master.store;

import com.google.protobuf.ByteString;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the names of directories from DENTRIES, where an earlier version kept them by name, to
 * ENTRIES. Runs before anything reads the tables. Each batch is written whole or not at all, so an
 * interrupted migration goes on at the next start.
 */
public final class EntryMigration {

  private static final int BATCH_ROWS = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(EntryMigration.class);

  private final Store store;

  /** The key that was moved last: rows that are gone are slow to pass over. */
  private byte[] last = Layout.ALL;

  private EntryMigration(Store store) {
    this.store = store;
  }

  /** Moves everything there is to move; returns how many names that were. */
  public static long run(Store store) throws IOException {
    EntryMigration migration = new EntryMigration(store);
    long moved = 0;
    int batch = migration.moveSome();
    if (batch > 0) {
      LOG.info("names of directories are moved to the table by place");
    }
    while (batch > 0) {
      moved += batch;
      batch = migration.moveSome();
    }
    if (moved > 0) {
      LOG.info("{} names are moved", moved);
    }
    return moved;
  }

  private int moveSome() throws IOException {
    Overlay changes = new Overlay(store);
    int rows = 0;
    try (Cursor old = store.cursor(Table.DENTRIES, Layout.ALL)) {
      for (boolean more = old.seek(last); more && rows < BATCH_ROWS; more = old.next()) {
        last = old.key();
        ByteString name = Layout.nameIn(last);
        changes.put(Table.ENTRIES, Layout.entryKey(Layout.u64At(last, 0), name), old.value());
        changes.delete(Table.DENTRIES, last);
        rows++;
      }
    }
    if (rows > 0) {
      store.write(changes);
    }
    return rows;
  }
}
