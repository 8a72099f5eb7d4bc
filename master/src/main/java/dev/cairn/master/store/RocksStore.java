package dev.cairn.master.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** Tables in RocksDB, one column family each. A write goes to its log, and to disk when forced. */
public final class RocksStore implements Store {

  private final RocksOptions options;
  private final RocksDB database;
  private final Map<Table, ColumnFamilyHandle> families;
  private final ReadOptions latest = new ReadOptions();
  private final WriteOptions unsynced = new WriteOptions();
  private final RocksReads reads;

  private RocksStore(
      RocksOptions options, RocksDB database, Map<Table, ColumnFamilyHandle> families) {
    this.options = options;
    this.database = database;
    this.families = families;
    this.reads = new RocksReads(database, families, latest);
  }

  /** Opens the tables in a directory, or makes them. */
  public static RocksStore open(Path directory) throws IOException {
    loadLibrary(directory);
    RocksOptions options = new RocksOptions();
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    // RocksDB wants its default family opened too; nothing is kept there.
    descriptors.add(
        new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, options.table(Table.META)));
    for (Table table : Table.values()) {
      descriptors.add(new ColumnFamilyDescriptor(familyName(table), options.table(table)));
    }
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    try {
      RocksDB database =
          RocksDB.open(options.database(), directory.toString(), descriptors, handles);
      return new RocksStore(options, database, byTable(handles));
    } catch (RocksDBException e) {
      options.close();
      throw new IOException(directory + ": cannot be opened: " + e.getMessage(), e);
    }
  }

  /**
   * Unpacks the native library beside the tables, where a killed process leaves one file at most.
   */
  private static void loadLibrary(Path directory) throws IOException {
    Path libraries = Files.createDirectories(directory.resolve("lib"));
    NativeLibraryLoader.getInstance().loadLibrary(libraries.toString());
    RocksDB.loadLibrary();
  }

  private static byte[] familyName(Table table) {
    return table.name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
  }

  private static Map<Table, ColumnFamilyHandle> byTable(List<ColumnFamilyHandle> handles) {
    Map<Table, ColumnFamilyHandle> families = new EnumMap<>(Table.class);
    Iterator<ColumnFamilyHandle> ours = handles.subList(1, handles.size()).iterator();
    for (Table table : Table.values()) {
      families.put(table, ours.next());
    }
    return families;
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
  public Snapshot snapshot() {
    return new RocksSnapshot(database, families);
  }

  @Override
  public void write(Overlay changes) throws IOException {
    try (WriteBatch batch = new WriteBatch((int) Math.min(changes.bytes(), 8 << 20))) {
      changes.visit(
          new Overlay.Visitor<RocksDBException>() {
            @Override
            public void put(Table table, byte[] key, byte[] value) throws RocksDBException {
              batch.put(families.get(table), key, value);
            }

            @Override
            public void delete(Table table, byte[] key) throws RocksDBException {
              batch.delete(families.get(table), key);
            }
          });
      database.write(unsynced, batch);
    } catch (RocksDBException e) {
      throw new IOException("the master's tables cannot be written: " + e.getMessage(), e);
    }
  }

  @Override
  public void force() throws IOException {
    try {
      database.syncWal();
    } catch (RocksDBException e) {
      throw new IOException("the master's log cannot be forced to disk: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    families.values().forEach(ColumnFamilyHandle::close);
    database.close();
    latest.close();
    unsynced.close();
    options.close();
  }
}
