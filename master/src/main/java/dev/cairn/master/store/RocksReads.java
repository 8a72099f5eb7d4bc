package dev.cairn.master.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** Reads of RocksDB with given options: the latest state, or that of a snapshot. */
final class RocksReads implements Tables {

  private final RocksDB database;
  private final Map<Table, ColumnFamilyHandle> families;
  private final ReadOptions options;

  RocksReads(RocksDB database, Map<Table, ColumnFamilyHandle> families, ReadOptions options) {
    this.database = database;
    this.families = families;
    this.options = options;
  }

  @Override
  public byte[] get(Table table, byte[] key) {
    try {
      return database.get(families.get(table), options, key);
    } catch (RocksDBException e) {
      throw failure(e);
    }
  }

  @Override
  public Cursor cursor(Table table, byte[] prefix) {
    return cursor(table, prefix, () -> {});
  }

  /** A cursor that runs something when it was closed. */
  Cursor cursor(Table table, byte[] prefix, Runnable closed) {
    return new RocksCursor(database, families.get(table), options, prefix, closed);
  }

  static UncheckedIOException failure(RocksDBException e) {
    return new UncheckedIOException(
        new IOException("the master's tables cannot be read: " + e.getMessage(), e));
  }
}
