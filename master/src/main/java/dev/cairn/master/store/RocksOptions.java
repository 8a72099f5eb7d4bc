package dev.cairn.master.store;

import java.util.ArrayDeque;
import java.util.Deque;
import org.rocksdb.AbstractImmutableNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.WriteBufferManager;

/**
 * RocksDB tuned for a small process: what it keeps in memory is bounded by two figures, whatever
 * the number of tables and of files. Memtables of all tables together stay under a quarter of what
 * the cache may take beside them; indexes and filters lie in the block cache and count there. The
 * log is cut at a size that is read again in about a second, so that opening is quick.
 */
final class RocksOptions implements AutoCloseable {

  private static final long BLOCK_CACHE_BYTES = 64L << 20;
  private static final long MEMTABLE_BYTES = 48L << 20;
  private static final long MAX_LOG_BYTES = 64L << 20;
  private static final int MAX_OPEN_FILES = 512;
  private static final int BLOCK_BYTES = 8 << 10;
  private static final double BLOOM_BITS = 10;

  private final Deque<AutoCloseable> owned = new ArrayDeque<>();
  private final LRUCache blockCache = own(new LRUCache(BLOCK_CACHE_BYTES));
  private final LRUCache memtableCharge = own(new LRUCache(MEMTABLE_BYTES));
  private final WriteBufferManager memtables =
      own(new WriteBufferManager(MEMTABLE_BYTES, memtableCharge));
  private final BloomFilter bloom = own(new BloomFilter(BLOOM_BITS));

  DBOptions database() {
    return own(new DBOptions())
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
            .setCacheIndexAndFilterBlocks(true)
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
