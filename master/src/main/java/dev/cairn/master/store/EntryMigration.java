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

  private EntryMigration() {}

  /** Moves everything there is to move; returns how many names that were. */
  public static long run(Store store) throws IOException {
    Batch batch = moveSome(store, Layout.ALL);
    long moved = batch.rows();
    if (moved > 0) {
      LOG.info("names of directories are moved to the table by place");
    }
    while (batch.rows() > 0) {
      batch = moveSome(store, batch.last());
      moved += batch.rows();
    }
    if (moved > 0) {
      LOG.info("{} names are moved", moved);
    }
    return moved;
  }

  /** The next batch begins at the last key of this one: rows that are gone are slow to pass over. */
  private record Batch(int rows, byte[] last) {}

  private static Batch moveSome(Store store, byte[] from) throws IOException {
    Overlay changes = new Overlay(store);
    int rows = 0;
    byte[] key = from;
    try (Cursor old = store.cursor(Table.DENTRIES, Layout.ALL)) {
      for (boolean more = old.seek(from); more && rows < BATCH_ROWS; more = old.next()) {
        key = old.key();
        ByteString name = Layout.nameIn(key);
        changes.put(Table.ENTRIES, Layout.entryKey(Layout.u64At(key, 0), name), old.value());
        changes.delete(Table.DENTRIES, key);
        rows++;
      }
    }
    if (rows > 0) {
      store.write(changes);
    }
    return new Batch(rows, key);
  }
}
