package dev.cairn.master.upkeep;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.ManualTime;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class HeapWatchTest {

  private static final long HEAP = 16L << 20;

  @Test
  void aHeapIsTight_whileHalfAsManyChunksAgainWouldFit() throws IOException {
    MetadataView view = new MetadataView(new MemoryStore());
    Fleet fleet = new Fleet(view, Duration.ofSeconds(10), 0);
    ReplicaMap replicas = new ReplicaMap(view, fleet, new ManualTime(), Duration.ofSeconds(20));
    HeapWatch heap = new HeapWatch(replicas, HEAP);
    assertFalse(heap.isTight());
    long chunk = 0;
    while (!heap.isTight()) {
      for (int i = 0; i < 1000; i++) {
        replicas.reported(++chunk, 1, 2);
      }
    }
    assertTrue(replicas.bytes() < HEAP / 2);
    for (long more = chunk / 2; more > 0; more--) {
      replicas.reported(++chunk, 1, 2);
    }
    assertTrue(replicas.bytes() < HEAP * 2 / 3, replicas.bytes() + " bytes");
  }
}
