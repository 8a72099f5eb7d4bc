package dev.cairn.master.store;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Properties;
import org.rocksdb.AbstractImmutableNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBufferManager;

/**
 * RocksDB tuned for a small process: its memory is bounded by two figures, the cache of blocks and
 * the memtables of all tables together, whatever the number of tables and of files. Indexes and
 * filters lie in the cache and count there. They are cut into partitions of 4 KiB, so that a
 * look-up loads one partition of each and not those of a whole file, which are larger than the
 * cache when there are some millions of files. The log is cut at a size that is read again in about
 * a second, so that opening is quick.
 */
final class RocksOptions implements AutoCloseable {

  private static final long MEMTABLE_BYTES = 48L << 20;
  private static final long MAX_LOG_BYTES = 64L << 20;
  private static final int MAX_OPEN_FILES = 512;
  private static final int BLOCK_BYTES = 8 << 10;
  private static final int PARTITION_BYTES = 4 << 10;
  private static final double BLOOM_BITS = 10;

  /** The part of the cache that indexes and filters take before blocks of rows do. */
  private static final double INDEX_PART = 0.5;

  private static final int SHARDS_BY_SIZE = -1;

  private final Deque<AutoCloseable> owned = new ArrayDeque<>();
  private final boolean verifiesLogs;
  private final LRUCache blockCache;
  private final LRUCache memtableCharge = own(new LRUCache(MEMTABLE_BYTES));
  private final WriteBufferManager memtables =
      own(new WriteBufferManager(MEMTABLE_BYTES, memtableCharge));
  private final BloomFilter bloom = own(new BloomFilter(BLOOM_BITS));

  /**
   * Makes the options of one database.
   *
   * @param verifiesLogs whether log files that the manifest names must be there
   */
  RocksOptions(long cacheBytes, boolean verifiesLogs) {
    this.verifiesLogs = verifiesLogs;
    this.blockCache = own(new LRUCache(cacheBytes, SHARDS_BY_SIZE, false, INDEX_PART));
  }

  DBOptions database() {
    Properties unnamed = new Properties();
    // Options that have no method of their own here.
    unnamed.setProperty("track_and_verify_wals_in_manifest", String.valueOf(verifiesLogs));
    return own(DBOptions.getDBOptionsFromProps(unnamed))
        .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
        .setRecycleLogFileNum(0)
        .setParanoidChecks(true)
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        .setWriteBufferManager(memtables)
        .setMaxTotalWalSize(MAX_LOG_BYTES)
        .setMaxOpenFiles(MAX_OPEN_FILES)
        .setMaxBackgroundJobs(2)
        .setSkipStatsUpdateOnDbOpen(true)
        .setBytesPerSync(1 << 20)
        .setStatsDumpPeriodSec(0)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setMaxLogFileSize(8 << 20)
        .setKeepLogFileNum(4);
  }

  ColumnFamilyOptions table(Table table) {
    BlockBasedTableConfig format =
        new BlockBasedTableConfig()
            .setBlockCache(blockCache)
            .setBlockSize(BLOCK_BYTES)
            .setFilterPolicy(bloom)
            .setIndexType(IndexType.kTwoLevelIndexSearch)
            .setPartitionFilters(true)
            .setMetadataBlockSize(PARTITION_BYTES)
            .setCacheIndexAndFilterBlocks(true)
            .setCacheIndexAndFilterBlocksWithHighPriority(true)
            .setPinTopLevelIndexAndFilter(true)
            .setPinL0FilterAndIndexBlocksInCache(true)
            .setFormatVersion(5);
    return own(new ColumnFamilyOptions())
        .setTableFormatConfig(format)
        .setWriteBufferSize(table.use().writeBufferBytes())
        .setMaxWriteBufferNumber(3)
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setLevelCompactionDynamicLevelBytes(true);
  }

  private <T extends AbstractImmutableNativeReference> T own(T reference) {
    owned.push(reference);
    return reference;
  }

  @Override
  public void close() {
    while (!owned.isEmpty()) {
      ((AbstractImmutableNativeReference) owned.pop()).close();
    }
  }
}
