package dev.cairn.master.store;

import java.util.Map;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;

/** The state RocksDB had when this was made. */
final class RocksSnapshot implements Snapshot {

  private final RocksDB database;
  private final org.rocksdb.Snapshot snapshot;
  private final ReadOptions options;
  private final RocksReads reads;
  private final Runnable closed;

  /**
   * Makes a snapshot.
   *
   * @param closed runs when it was closed
   */
  RocksSnapshot(RocksDB database, Map<Table, ColumnFamilyHandle> families, Runnable closed) {
    this.database = database;
    this.closed = closed;
    this.snapshot = database.getSnapshot();
    this.options = new ReadOptions().setSnapshot(snapshot);
    this.reads = new RocksReads(database, families, options);
  }

  @Override
  public byte[] get(Table table, byte[] key) {
    return reads.get(table, key);
  }

  @Override
  public Cursor cursor(Table table, byte[] prefix) {
    return reads.cursor(table, prefix);
  }

  @Override
  public void close() {
    options.close();
    database.releaseSnapshot(snapshot);
    closed.run();
  }
}
