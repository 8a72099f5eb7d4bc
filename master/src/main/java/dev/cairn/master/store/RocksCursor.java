package dev.cairn.master.store;

import java.util.Arrays;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * An iterator of RocksDB that is told where to stop, so that it never wades through what is behind.
 */
final class RocksCursor implements Cursor {

  private final byte[] prefix;
  private final Slice upperBound;
  private final ReadOptions options;
  private final RocksIterator iterator;
  private final Runnable closed;

  /**
   * Makes a cursor.
   *
   * @param closed runs when it was closed
   */
  RocksCursor(
      RocksDB database,
      ColumnFamilyHandle family,
      ReadOptions base,
      byte[] prefix,
      Runnable closed) {
    this.prefix = prefix;
    this.closed = closed;
    byte[] end = behind(prefix);
    this.upperBound = end == null ? null : new Slice(end);
    this.options = new ReadOptions(base);
    if (upperBound != null) {
      options.setIterateUpperBound(upperBound);
    }
    this.iterator = database.newIterator(family, options);
  }

  /** The first key behind all that begin with the prefix; null when there is no such key. */
  private static byte[] behind(byte[] prefix) {
    int last = prefix.length - 1;
    while (last >= 0 && prefix[last] == (byte) 0xff) {
      last--;
    }
    if (last < 0) {
      return null;
    }
    byte[] end = Arrays.copyOf(prefix, last + 1);
    end[last]++;
    return end;
  }

  @Override
  public boolean seek(byte[] key) {
    iterator.seek(Arrays.compareUnsigned(key, prefix) < 0 ? prefix : key);
    return checkedValid();
  }

  @Override
  public boolean next() {
    iterator.next();
    return checkedValid();
  }

  private boolean checkedValid() {
    if (iterator.isValid()) {
      return true;
    }
    try {
      iterator.status();
    } catch (RocksDBException e) {
      throw RocksReads.failure(e);
    }
    return false;
  }

  @Override
  public byte[] key() {
    return iterator.key();
  }

  @Override
  public byte[] value() {
    return iterator.value();
  }

  @Override
  public void close() {
    iterator.close();
    options.close();
    if (upperBound != null) {
      upperBound.close();
    }
    closed.run();
  }
}
