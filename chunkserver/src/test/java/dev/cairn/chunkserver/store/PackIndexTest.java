package dev.cairn.chunkserver.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index against a map. */
final class PackIndexTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void anyChanges_leaveWhatAMapHas(long seed) {
    Random random = new Random(seed);
    PackIndex index = new PackIndex();
    Map<Long, Long> model = new HashMap<>();
    for (int step = 0; step < 200_000; step++) {
      long id = 1L + random.nextInt(5_000);
      long old = model.getOrDefault(id, PackLocation.NONE);
      assertEquals(old, index.get(id), "seed " + seed + ", step " + step);
      if (random.nextInt(3) == 0) {
        assertTrue(index.replace(id, old, PackLocation.NONE));
        model.remove(id);
      } else {
        long location =
            PackLocation.of(1 + random.nextInt(9), random.nextInt(1 << 28), 1 + step % 1000);
        assertEquals(old == PackLocation.NONE, index.putIfAbsent(id, location));
        if (old == PackLocation.NONE) {
          model.put(id, location);
        }
      }
    }
    Map<Long, Long> visited = new HashMap<>();
    index.forEach(visited::put);
    assertEquals(model, visited);
    assertEquals(model.size(), index.size());
  }

  @Test
  void aLocation_givesBackItsParts() {
    long location = PackLocation.of(131_071, PackLocation.MAX_POSITION, 256 << 10);
    assertEquals(131_071, PackLocation.slot(location));
    assertEquals(PackLocation.MAX_POSITION, PackLocation.position(location));
    assertEquals(256 << 10, PackLocation.length(location));
  }

  @Test
  void aMillionChunks_fitIntoFortyMegabytes() {
    Runtime runtime = Runtime.getRuntime();
    System.gc();
    long before = runtime.totalMemory() - runtime.freeMemory();
    PackIndex index = new PackIndex();
    for (long id = 1; id <= 1_000_000; id++) {
      index.putIfAbsent(id, PackLocation.of(1, id, 2048));
    }
    System.gc();
    long used = runtime.totalMemory() - runtime.freeMemory() - before;
    assertTrue(used < 40L << 20, used + " bytes");
    assertEquals(PackLocation.of(1, 77, 2048), index.get(77));
  }
}
