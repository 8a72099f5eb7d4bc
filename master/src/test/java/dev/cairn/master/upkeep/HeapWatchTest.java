package dev.cairn.master.upkeep;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.fleet.ChunkLocations;
import org.junit.jupiter.api.Test;

final class HeapWatchTest {

  private static final long HEAP = 16L << 20;

  @Test
  void aHeapIsTight_whileHalfAsManyChunksAgainWouldFit() {
    ChunkLocations locations = new ChunkLocations();
    HeapWatch heap = new HeapWatch(locations, HEAP);
    assertFalse(heap.isTight());
    long chunk = 0;
    while (!heap.isTight()) {
      for (int i = 0; i < 1000; i++) {
        locations.add(++chunk, 1);
      }
    }
    assertTrue(locations.bytes() < HEAP / 2);
    for (long more = chunk / 2; more > 0; more--) {
      locations.add(++chunk, 1);
    }
    assertTrue(locations.bytes() < HEAP * 2 / 3, locations.bytes() + " bytes");
  }
}
