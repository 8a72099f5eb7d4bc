package dev.cairn.master.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PlacementTest {

  private static final long GIB = 1L << 30;

  private final long seed = System.nanoTime();
  private final Placement placement = new Placement(new Random(seed));

  private static Candidate server(int id, String zone, long freeBytes) {
    return new Candidate(id, zone, 100 * GIB, freeBytes, 100);
  }

  private static Candidate silent(int id) {
    return new Candidate(id, "", 100 * GIB, 50 * GIB, 4000);
  }

  @Test
  void whateverTheFleet_theChainIsDistinctAndAsLongAsItCanBe() throws CairnException {
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      List<Candidate> fleet = new ArrayList<>();
      int size = 1 + random.nextInt(8);
      for (int id = 1; id <= size; id++) {
        fleet.add(server(id, "zone" + random.nextInt(3), GIB + random.nextInt(1 << 30)));
      }
      int replicas = 1 + random.nextInt(5);
      // All have room for it: a server without would come last, whatever its zone.
      List<Integer> chain = placement.choose(fleet, replicas, Set.of(), random.nextInt(1 << 29));
      assertEquals(Math.min(replicas, size), chain.size(), "seed " + seed);
      assertEquals(chain.size(), new HashSet<>(chain).size(), "seed " + seed);
      Set<String> zones = new HashSet<>();
      chain.forEach(id -> zones.add(fleet.get(id - 1).zone()));
      long zonesThere = fleet.stream().map(Candidate::zone).distinct().count();
      assertEquals(Math.min(zonesThere, chain.size()), zones.size(), "seed " + seed);
    }
  }

  @Test
  void serversFill_inProportionToTheirFreeSpace() throws CairnException {
    List<Candidate> fleet = List.of(server(1, "", 10 * GIB), server(2, "", 30 * GIB));
    int emptier = 0;
    for (int i = 0; i < 4000; i++) {
      emptier += placement.choose(fleet, 1, Set.of(), 0).get(0) == 2 ? 1 : 0;
    }
    assertEquals(3000, emptier, 200, "seed " + seed);
  }

  @Test
  void aServerWithManyConnections_isTakenLessOften() throws CairnException {
    List<Candidate> fleet = new ArrayList<>();
    for (int id = 1; id <= 4; id++) {
      fleet.add(new Candidate(id, "", 100 * GIB, 10 * GIB, 100, id == 1 ? 77 : 1, false));
    }
    int busy = 0;
    for (int i = 0; i < 4000; i++) {
      busy += placement.choose(fleet, 1, Set.of(), 0).get(0) == 1 ? 1 : 0;
    }
    // 20 on average: the one with 77 weighs 21/78 of another.
    assertEquals(4000 * 21.0 / (78 * 3 + 21), busy, 100, "seed " + seed);
  }

  @Test
  void avoidedAndSilentServers_areTakenOnlyWhenThereIsNoOther() throws CairnException {
    List<Candidate> fleet = List.of(server(1, "", GIB), server(2, "", GIB), silent(3));
    assertEquals(List.of(2), placement.choose(fleet, 3, Set.of(1), 0));
    assertEquals(List.of(3), placement.choose(List.of(fleet.get(2)), 2, Set.of(), 0));
    assertEquals(List.of(1), placement.choose(List.of(fleet.get(0)), 2, Set.of(1), 0));
  }

  @Test
  void serversWithRoom_comeFirst() throws CairnException {
    List<Candidate> fleet = List.of(server(1, "", GIB), server(2, "", 20 * GIB));
    for (int i = 0; i < 50; i++) {
      assertEquals(List.of(2, 1), placement.choose(fleet, 2, Set.of(), 10 * GIB));
    }
  }

  @Test
  void fullServers_areNeverTaken() throws CairnException {
    Candidate full = server(1, "", 1 << 20);
    assertFalse(placement.choose(List.of(full, server(2, "", GIB)), 2, Set.of(), 0).contains(1));
    CairnException refused =
        assertThrows(CairnException.class, () -> placement.choose(List.of(full), 1, Set.of(), 0));
    assertEquals(ErrorCode.NO_SPACE, refused.code());
  }

  @Test
  void withoutServers_thereIsNoChain() {
    CairnException refused =
        assertThrows(CairnException.class, () -> placement.choose(List.of(), 1, Set.of(), 0));
    assertEquals(ErrorCode.NO_SERVERS, refused.code());
    assertTrue(refused.getMessage().contains("no chunk server"));
  }
}
