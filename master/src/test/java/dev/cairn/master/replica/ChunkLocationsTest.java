package dev.cairn.master.replica;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
      long chunk = 1 + random.nextLong(30_000);
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

  private static ReplicaMap.Tally tally(ChunkLocations locations, ReplicaProperty good) {
    return locations.tally(good, good);
  }

  @Test
  void manyChunks_take32BytesEachAtMost_andNeverMuchMoreAtOnce() {
    ChunkLocations locations = new ChunkLocations();
    long bytes = locations.bytes();
    for (long chunk = 1; chunk <= 200_000; chunk++) {
      locations.add(chunk, 1);
      if (chunk % 100 == 0) {
        long grown = locations.bytes() - bytes;
        bytes += grown;
        assertTrue(grown <= 200_000, grown + " bytes more for a hundred chunks");
      }
    }
    assertEquals(200_000, locations.size());
    assertTrue(locations.bytes() <= 33 * locations.size(), locations.bytes() + " bytes");
  }

  @Test
  void aSurvey_showsEachChunkOnce_whateverComesAndGoesMeanwhile() {
    ChunkLocations locations = new ChunkLocations();
    for (long chunk = 1; chunk <= 20_000; chunk++) {
      locations.expect(chunk, 2);
      locations.add(chunk, 1);
    }
    Map<Long, Integer> shown = new HashMap<>();
    for (int part = 0; part < ChunkLocations.PARTS; part++) {
      locations.survey(
          part,
          (chunk, server) -> Standing.STAYING,
          (chunk, wanted, good, leaving) -> shown.merge(chunk, 1, Integer::sum));
      for (long other = 20_001 + part * 40L; other < 20_041 + part * 40L; other++) {
        locations.add(other, 2);
        locations.remove(other - 400, 2);
      }
    }
    for (long chunk = 1; chunk <= 20_000; chunk++) {
      assertEquals(1, shown.get(chunk), "chunk " + chunk);
    }
  }

  @Test
  void aServerThatIsCleared_leavesOnlyWhatOthersHold() {
    ChunkLocations locations = new ChunkLocations();
    for (long chunk = 1; chunk <= 20_000; chunk++) {
      locations.add(chunk, 1);
      if (chunk % 3 == 0) {
        for (int server = 2; server <= 6; server++) {
          locations.add(chunk, server);
        }
      }
    }
    long losses = locations.losses();
    locations.clear(1);
    locations.clear(6);
    assertTrue(locations.losses() > losses);
    assertEquals(20_000 / 3, locations.size());
    for (long chunk = 1; chunk <= 20_000; chunk++) {
      assertArrayEquals(
          chunk % 3 == 0 ? new int[] {2, 3, 4, 5} : new int[0], locations.servers(chunk));
    }
  }

  @Test
  void chunk0_isNowhere() {
    ChunkLocations locations = new ChunkLocations();
    assertFalse(locations.remove(0, 1));
    locations.drop(0);
    assertFalse(locations.holds(0, 1));
    assertEquals(0, locations.servers(0).length);
    assertEquals(0, locations.size());
  }

  @Test
  void aTableThatGrowsForGarbage_remembersThatItIsGarbage() {
    ChunkLocations locations = new ChunkLocations();
    for (long chunk = 1; chunk <= 5000; chunk++) {
      locations.discard(chunk);
      locations.add(chunk, 1);
    }
    assertEquals(0, tally(locations, (chunk, server) -> true).withReplica());
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
    ReplicaMap.Tally all = tally(locations, (chunk, server) -> true);
    assertEquals(5, all.withReplica());
    assertEquals(2, all.withFewerThanWanted());
    ReplicaMap.Tally some = tally(locations, (chunk, server) -> server > 2);
    assertEquals(3, some.withReplica());
    assertEquals(2, some.withFewerThanWanted());
    ReplicaMap.Tally leaving =
        locations.tally((chunk, server) -> true, (chunk, server) -> server > 1);
    assertEquals(5, leaving.withReplica());
    assertEquals(3, leaving.withFewerThanWanted());
  }

  @Test
  void garbage_staysGarbageWhenALocationComesLater() {
    ChunkLocations locations = new ChunkLocations();
    locations.discard(1);
    locations.add(1, 1);
    assertEquals(0, tally(locations, (chunk, server) -> true).withReplica());
    assertEquals(true, locations.remove(1, 1));
  }
}
