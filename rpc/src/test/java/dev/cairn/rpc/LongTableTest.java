package dev.cairn.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LongTableTest {

  @Test
  void randomChanges_matchAMap() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    LongTable table = new LongTable();
    Map<Long, Long> model = new HashMap<>();
    for (int step = 1; step <= 100_000; step++) {
      long key = 1 + random.nextLong(1000);
      if (random.nextInt(1000) == 0) {
        // Of three in four nothing is left.
        table.replaceAll((k, value) -> value % 4 == 0 ? value + k : 0);
        model.values().removeIf(value -> value % 4 != 0);
        model.replaceAll((k, value) -> value + k);
      } else if (random.nextInt(3) == 0) {
        int slot = table.find(key);
        assertEquals(model.containsKey(key), slot != LongTable.NONE, "seed " + seed);
        if (slot != LongTable.NONE) {
          table.remove(slot);
          model.remove(key);
        }
      } else {
        table.value(table.findOrAdd(key), step);
        model.put(key, (long) step);
      }
    }
    assertEquals(model, contents(table), "seed " + seed);
    assertEquals(model.size(), table.size(), "seed " + seed);
    model.forEach((key, value) -> assertEquals(value, table.value(table.find(key))));
  }

  private static Map<Long, Long> contents(LongTable table) {
    Map<Long, Long> contents = new HashMap<>();
    for (int slot = 0; slot < table.slots(); slot++) {
      if (table.key(slot) != 0) {
        contents.put(table.key(slot), table.value(slot));
      }
    }
    return contents;
  }

  @Test
  void key0_isNotThere_andCannotBeAdded() {
    LongTable table = new LongTable();
    assertEquals(LongTable.NONE, table.find(0));
    assertThrows(IllegalStateException.class, () -> table.findOrAdd(0));
  }
}
