package dev.cairn.master.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every store promises, and the overlay over it. */
final class StoreContractTest {

  @Nested
  final class InRocksDb extends Contract {

    @TempDir Path directory;

    @Override
    Store open() throws IOException {
      return RocksStore.open(directory);
    }

    @Test
    void afterReopening_whatWasWrittenIsThere() throws IOException {
      Store first = store();
      put(first, key(1), key(2));
      first.close();
      forget();
      assertArrayEquals(key(2), store().get(Table.INODES, key(1)));
    }
  }

  @Nested
  final class InMemory extends Contract {

    @Override
    Store open() {
      return new MemoryStore();
    }
  }

  /** The promises. */
  abstract static class Contract {

    private Store store;

    abstract Store open() throws IOException;

    final Store store() throws IOException {
      if (store == null) {
        store = open();
      }
      return store;
    }

    final void forget() {
      store = null;
    }

    @AfterEach
    void close() {
      if (store != null) {
        store.close();
      }
    }

    @Test
    void aSnapshot_doesNotSeeWhatIsWrittenLater() throws IOException {
      put(store(), key(1), key(10));
      try (Snapshot snapshot = store().snapshot()) {
        put(store(), key(1), key(11));
        put(store(), key(2), key(12));
        assertArrayEquals(key(10), snapshot.get(Table.INODES, key(1)));
        assertNull(snapshot.get(Table.INODES, key(2)));
        try (Cursor cursor = snapshot.cursor(Table.INODES, Layout.ALL)) {
          assertTrue(cursor.seek(Layout.ALL));
          assertFalse(cursor.next());
        }
      }
      assertArrayEquals(key(11), store().get(Table.INODES, key(1)));
    }

    @Test
    void tables_areApart() throws IOException {
      put(store(), key(1), key(10));
      assertNull(store().get(Table.DENTRIES, key(1)));
    }

    @Test
    void anEmptyValue_isAValue() throws IOException {
      put(store(), key(1), new byte[0]);
      assertArrayEquals(new byte[0], store().get(Table.INODES, key(1)));
      assertArrayEquals(new byte[0], new Overlay(store()).get(Table.INODES, key(1)));
    }

    @Test
    void aCursor_staysWithinItsPrefixEvenAtTheEndOfAllKeys() throws IOException {
      byte[] last = {-1, -1};
      put(store(), last, key(1));
      put(store(), new byte[] {-1, -1, 5}, key(2));
      put(store(), new byte[] {-1, -2, 5}, key(3));
      try (Cursor cursor = store().cursor(Table.INODES, last)) {
        assertTrue(cursor.seek(Layout.ALL));
        assertArrayEquals(last, cursor.key());
        assertTrue(cursor.next());
        assertFalse(cursor.next());
      }
    }

    @Test
    void randomChanges_readAsATreeMapThroughOverlayAndStore() throws IOException {
      long seed = System.nanoTime();
      Random random = new Random(seed);
      Overlay overlay = new Overlay(store());
      NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
      for (int step = 0; step < 2000; step++) {
        byte[] key = {(byte) random.nextInt(4), (byte) random.nextInt(8)};
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> {
            byte[] value = {(byte) step};
            overlay.put(Table.EXTENTS, key, value);
            model.put(key, value);
          }
          case 3, 4 -> {
            overlay.delete(Table.EXTENTS, key);
            model.remove(key);
          }
          case 5 -> {
            store().write(overlay);
            overlay.clear();
          }
          default -> {
            byte[] prefix = Arrays.copyOf(key, random.nextInt(3));
            byte[] from = {(byte) random.nextInt(4), (byte) random.nextInt(8)};
            assertEquals(
                scan(model, prefix, from),
                scan(overlay, prefix, from),
                "seed " + seed + " step " + step);
          }
        }
        assertArrayEquals(
            model.get(key), overlay.get(Table.EXTENTS, key), "seed " + seed + " step " + step);
      }
    }

    private static List<String> scan(Overlay overlay, byte[] prefix, byte[] from) {
      List<String> rows = new ArrayList<>();
      try (Cursor cursor = overlay.cursor(Table.EXTENTS, prefix)) {
        for (boolean more = cursor.seek(from); more; more = cursor.next()) {
          rows.add(shown(cursor.key(), cursor.value()));
        }
      }
      return rows;
    }

    private static List<String> scan(
        NavigableMap<byte[], byte[]> model, byte[] prefix, byte[] from) {
      List<String> rows = new ArrayList<>();
      for (Map.Entry<byte[], byte[]> row : model.tailMap(from, true).entrySet()) {
        int mismatch = Arrays.mismatch(row.getKey(), prefix);
        if (mismatch < 0 || mismatch == prefix.length) {
          rows.add(shown(row.getKey(), row.getValue()));
        }
      }
      return rows;
    }

    private static String shown(byte[] key, byte[] value) {
      return HexFormat.of().formatHex(key) + "=" + HexFormat.of().formatHex(value);
    }

    static byte[] key(long number) {
      return Layout.u64(number);
    }

    static void put(Store store, byte[] key, byte[] value) throws IOException {
      Overlay overlay = new Overlay(store);
      overlay.put(Table.INODES, key, value);
      store.write(overlay);
    }
  }
}
