package dev.cairn.master.store;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the tables hold without the log, by their manifest.
 *
 * @param leastLog the number of the first log file that is still needed: older ones may be there,
 *     or some of them, until they are removed
 * @param last the last change that is in a table; 0 when nothing is known
 */
record Flushed(long leastLog, long last) {

  static final Flushed NOTHING = new Flushed(0, 0);

  private static final Logger LOG = LoggerFactory.getLogger(Flushed.class);

  /**
   * Reads the manifest and changes nothing.
   *
   * @param withoutLogs a directory that has no log files; RocksDB writes a file LOG there
   */
  static Flushed read(Path directory, Path withoutLogs) {
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    try (ColumnFamilyOptions family = new ColumnFamilyOptions();
        DBOptions options =
            new DBOptions()
                .setWalDir(withoutLogs.toString())
                .setMaxOpenFiles(-1)
                .setKeepLogFileNum(1)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL);
        // Not openReadOnly, which crashes where the manifest names logs that are not looked for.
        RocksDB database =
            RocksDB.openAsSecondary(
                options,
                directory.toString(),
                withoutLogs.toString(),
                List.of(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, family)),
                handles)) {
      Flushed flushed =
          new Flushed(
              database.getLongProperty("rocksdb.min-log-number-to-keep"),
              database.getLatestSequenceNumber());
      handles.forEach(ColumnFamilyHandle::close);
      return flushed;
    } catch (RocksDBException e) {
      // Whether the tables can be opened is judged when they are.
      LOG.debug("the manifest in {} cannot be read", directory, e);
      return NOTHING;
    }
  }
}
