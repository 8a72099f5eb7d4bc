package dev.cairn.master.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rocksdb.RocksDBException;

/** Tables that nobody writes to, as of a checkpoint or a backup: nothing in their files changes. */
public final class ReadOnlyTables implements Snapshot {

  private static final long CACHE_BYTES = 8L << 20;

  private final Path directory;
  private final OpenDatabase open;

  private ReadOnlyTables(Path directory, OpenDatabase open) {
    this.directory = directory;
    this.open = open;
  }

  /**
   * Opens tables.
   *
   * @param scratch a directory for what RocksDB writes at every start
   */
  public static ReadOnlyTables open(Path directory, Path scratch) throws IOException {
    RocksStore.loadLibrary(Files.createDirectories(scratch));
    try {
      return new ReadOnlyTables(
          directory, OpenDatabase.openReadOnly(directory, scratch, CACHE_BYTES));
    } catch (RocksDBException e) {
      throw failure(directory, e);
    }
  }

  private static IOException failure(Path directory, RocksDBException e) {
    return new IOException(directory + ": the tables cannot be read: " + e.getMessage(), e);
  }

  /** Reads every block of the tables, and checks it. */
  public void verifyChecksums() throws IOException {
    try {
      open.database().verifyChecksum();
    } catch (RocksDBException e) {
      throw failure(directory, e);
    }
  }

  @Override
  public byte[] get(Table table, byte[] key) {
    return open.reads().get(table, key);
  }

  @Override
  public Cursor cursor(Table table, byte[] prefix) {
    return open.reads().cursor(table, prefix);
  }

  @Override
  public void close() {
    open.close();
  }
}
