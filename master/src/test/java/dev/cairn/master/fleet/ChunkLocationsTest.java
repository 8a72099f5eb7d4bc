package dev.cairn.master.fleet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class ChunkLocationsTest {

  @Test
  void randomChanges_matchAMapOfSets() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    ChunkLocations locations = new ChunkLocations();
    Map<Long, Set<Integer>> model = new HashMap<>();
    for (int step = 0; step < 200_000; step++) {
      long chunk = 1 + random.nextLong(6000);
      int server = 1 + random.nextInt(7);
      switch (random.nextInt(step % 50_000 < 25_000 ? 4 : 10)) {
        case 0, 1, 2 -> {
          locations.add(chunk, server);
          model.computeIfAbsent(chunk, c -> new TreeSet<>()).add(server);
        }
        case 3 -> {
          if (random.nextInt(5000) == 0) {
            locations.clear(server);
            model.values().forEach(servers -> servers.remove(server));
          }
        }
        default -> {
          locations.remove(chunk, server);
          model.getOrDefault(chunk, new TreeSet<>()).remove(server);
        }
      }
      if (step % 97 == 0) {
        check(model.getOrDefault(chunk, Set.of()), locations.servers(chunk), seed, step);
      }
    }
    model.forEach((chunk, servers) -> check(servers, locations.servers(chunk), seed, -1));
    model.values().removeIf(Set::isEmpty);
    assertEquals(model.size(), locations.size(), "seed " + seed);
  }

  private static void check(Set<Integer> expected, int[] servers, long seed, int step) {
    Arrays.sort(servers);
    assertArrayEquals(
        expected.stream().mapToInt(i -> i).toArray(), servers, "seed " + seed + ", step " + step);
  }

  @Test
  void aTableThatGrowsForGarbage_remembersThatItIsGarbage() {
    ChunkLocations locations = new ChunkLocations();
    for (long chunk = 1; chunk <= 5000; chunk++) {
      locations.discard(chunk);
      locations.add(chunk, 1);
    }
    assertEquals(0, locations.tally((chunk, server) -> true).withReplica());
  }

  @Test
  void aTally_countsWhatIsNotGarbageByItsGoodReplicas() {
    ChunkLocations locations = new ChunkLocations();
    for (long chunk = 1; chunk <= 6; chunk++) {
      locations.expect(chunk, 3);
      for (int server = 1; server <= chunk; server++) {
        locations.add(chunk, server);
      }
    }
    locations.discard(6);
    ChunkLocations.Tally all = locations.tally((chunk, server) -> true);
    assertEquals(5, all.withReplica());
    assertEquals(2, all.withFewerThanWanted());
    ChunkLocations.Tally some = locations.tally((chunk, server) -> server > 2);
    assertEquals(3, some.withReplica());
    assertEquals(2, some.withFewerThanWanted());
  }

  @Test
  void garbage_staysGarbageWhenALocationComesLater() {
    ChunkLocations locations = new ChunkLocations();
    locations.discard(1);
    locations.add(1, 1);
    assertEquals(0, locations.tally((chunk, server) -> true).withReplica());
    assertEquals(true, locations.remove(1, 1));
  }
}
