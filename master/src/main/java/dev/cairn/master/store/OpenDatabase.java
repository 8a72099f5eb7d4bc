package dev.cairn.master.store;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * An open database, and how many are using it: RocksDB must not be closed under a read, a cursor or
 * a snapshot. Safe for any thread.
 */
final class OpenDatabase {

  private static final int CLOSED = -1;

  private final RocksOptions options;
  private final RocksDB database;
  private final Map<Table, ColumnFamilyHandle> families;
  private final ReadOptions latest = new ReadOptions();
  private final RocksReads reads;
  private final AtomicInteger users = new AtomicInteger();

  private OpenDatabase(
      RocksOptions options, RocksDB database, Map<Table, ColumnFamilyHandle> families) {
    this.options = options;
    this.database = database;
    this.families = families;
    this.reads = new RocksReads(database, families, latest);
  }

  /**
   * Opens a database, or makes it.
   *
   * @param verifiesLogs whether log files that the manifest names must be there
   */
  static OpenDatabase open(Path directory, long cacheBytes, boolean verifiesLogs)
      throws RocksDBException {
    RocksOptions options = new RocksOptions(cacheBytes, verifiesLogs);
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
      return new OpenDatabase(options, database, byTable(handles));
    } catch (RocksDBException e) {
      options.close();
      throw e;
    }
  }

  /**
   * Opens a database to read it; changes nothing in its directory.
   *
   * @param logs where RocksDB writes what it has to say
   */
  static OpenDatabase openReadOnly(Path directory, Path logs, long cacheBytes)
      throws RocksDBException {
    // Otherwise RocksDB would take the log files out of the manifest, and crash as it cannot here.
    RocksOptions options = new RocksOptions(cacheBytes, true);
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    try (Options plain = new Options()) {
      List<Table> tables = tablesIn(RocksDB.listColumnFamilies(plain, directory.toString()));
      List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
      descriptors.add(
          new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, options.table(Table.META)));
      for (Table table : tables) {
        descriptors.add(new ColumnFamilyDescriptor(familyName(table), options.table(table)));
      }
      DBOptions database =
          options.database().setCreateIfMissing(false).setDbLogDir(logs.toString());
      RocksDB opened =
          RocksDB.openReadOnly(database, directory.toString(), descriptors, handles, false);
      Map<Table, ColumnFamilyHandle> families = new EnumMap<>(Table.class);
      for (Table table : Table.values()) {
        // A table that an older version did not have is as empty as the default family.
        families.put(table, handles.get(1 + tables.indexOf(table)));
      }
      return new OpenDatabase(options, opened, families);
    } catch (RocksDBException e) {
      options.close();
      throw e;
    }
  }

  private static List<Table> tablesIn(List<byte[]> families) {
    return Arrays.stream(Table.values())
        .filter(table -> families.stream().anyMatch(name -> Arrays.equals(name, familyName(table))))
        .toList();
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

  RocksDB database() {
    return database;
  }

  ColumnFamilyHandle family(Table table) {
    return families.get(table);
  }

  RocksReads reads() {
    return reads;
  }

  /** A snapshot, which leaves when it is closed. */
  Snapshot snapshot() {
    return new RocksSnapshot(database, families, this::leave);
  }

  /** Writes a copy, of hard links to the table files and of the end of the log. */
  void checkpoint(Path directory) throws RocksDBException {
    try (org.rocksdb.Checkpoint copy = org.rocksdb.Checkpoint.create(database)) {
      copy.createCheckpoint(directory.toString());
    }
  }

  /** Keeps the database open until {@link #leave}; false when it is closed. */
  boolean enter() {
    int now = users.get();
    while (now != CLOSED) {
      if (users.compareAndSet(now, now + 1)) {
        return true;
      }
      now = users.get();
    }
    return false;
  }

  void leave() {
    users.decrementAndGet();
  }

  /** Lets nobody in any more, if nobody is; true also when that was so before. */
  boolean shut() {
    return users.compareAndSet(0, CLOSED) || users.get() == CLOSED;
  }

  /** Closes it, whoever uses it. */
  void close() {
    users.set(CLOSED);
    families.values().forEach(ColumnFamilyHandle::close);
    database.close();
    latest.close();
    options.close();
  }
}
