package dev.cairn.master.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rows that are remembered are those of the tables, whatever is written to these. */
final class RecentRowsTest {

  private static final int KEYS = 12_000;
  private static final int BATCHES = 3_000;
  private static final Table[] TABLES = {Table.META, Table.INODES, Table.REPLIES};

  @Test
  void rowsAreThoseOfTheTables_overRandomBatches() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    MemoryStore store = new MemoryStore();
    RecentRows recent = new RecentRows(store);
    Overlay overlay = new Overlay(recent);
    for (int batch = 0; batch < BATCHES; batch++) {
      for (int change = random.nextInt(20); change >= 0; change--) {
        Table table = TABLES[random.nextInt(TABLES.length)];
        byte[] key = Layout.u64(random.nextInt(KEYS));
        if (random.nextInt(4) == 0) {
          overlay.delete(table, key);
        } else {
          byte[] value = new byte[random.nextInt(10) == 0 ? 5000 : 1 + random.nextInt(20)];
          random.nextBytes(value);
          overlay.put(table, key, value);
        }
      }
      store.write(overlay);
      recent.written(overlay);
      overlay.clear();
      for (int look = 0; look < 20; look++) {
        Table table = TABLES[random.nextInt(TABLES.length)];
        byte[] key = Layout.u64(random.nextInt(KEYS));
        assertArrayEquals(
            store.get(table, key), overlay.get(table, key), "seed " + seed + " batch " + batch);
      }
    }
  }
}
