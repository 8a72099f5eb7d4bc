package dev.cairn.master.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.ManualTime;
import dev.cairn.master.fleet.Candidate;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.repair.OrderBook.Order;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What decides which copies are made, where, and in which order. */
final class RepairPoliciesTest {

  private static final long GIB = 1L << 30;
  private static final long MOST = 100 << 20;

  private final Random random = new Random(5);

  private static Site site(int id, String zone, long free) {
    return new Site(new Candidate(id, zone, 100 * GIB, free, 0), MOST, 0, 0);
  }

  private CopyTarget.Choice choose(List<Site> sites, Set<Integer> holders, Set<String> zones) {
    return CopyTarget.choose(sites, holders, zones, 1 << 20, random);
  }

  @Test
  void urgency_isWhatMayStillDie() {
    assertEquals(0, Urgency.of(2, 1, 0));
    assertEquals(0, Urgency.of(3, 1, 0));
    assertEquals(1, Urgency.of(3, 2, 0));
    assertEquals(2, Urgency.of(9, 5, 0));
    assertEquals(3, Urgency.of(2, 2, 1));
    assertEquals(3, Urgency.of(1, 1, 1));
    assertEquals(Urgency.NONE, Urgency.of(2, 2, 0));
    assertEquals(Urgency.NONE, Urgency.of(2, 3, 1));
    assertEquals(Urgency.NONE, Urgency.of(2, 0, 0));
    assertEquals(Urgency.NONE, Urgency.of(0, 1, 0));
    assertTrue(Urgency.isRepair(2));
    assertFalse(Urgency.isRepair(3));
  }

  @Test
  void aSurvey_queuesByUrgency_andCountsWhatCannotBeHelped() throws IOException {
    MetadataView view = new MetadataView(new MemoryStore());
    Fleet fleet = new Fleet(view, Duration.ofSeconds(10), 0);
    ReplicaMap replicas = new ReplicaMap(view, fleet, new ManualTime(), Duration.ofSeconds(20));
    Shortages found = new Shortages(2, new Leaving(List.of()), Absence.none(replicas), replicas);
    found.chunk(10, 3, 2, 0);
    found.chunk(11, 2, 1, 0);
    found.chunk(12, 2, 2, 0);
    found.chunk(13, 2, 2, 1);
    assertEquals(1, found.stuck());
    assertEquals(1, found.repairs());
    assertEquals(1, found.moves());
    assertEquals(11, found.queue(0).take());
    assertTrue(found.queue(1).isEmpty());
    assertEquals(13, found.queue(3).take());
  }

  @Test
  void aTarget_holdsNoReplicaYet_andHasRoom() {
    List<Site> sites = List.of(site(1, "", 9 * GIB), site(2, "", 9 * GIB), site(3, "", 100));
    for (int i = 0; i < 50; i++) {
      assertEquals(2, choose(sites, Set.of(1), Set.of("")).site().id());
    }
    assertEquals(CopyTarget.Outcome.NOWHERE, choose(sites, Set.of(1, 2), Set.of("")).outcome());
  }

  @Test
  void aTarget_isInAnotherZone_whereThereIsOne() {
    List<Site> sites =
        List.of(site(1, "a", 90 * GIB), site(2, "a", 90 * GIB), site(3, "b", 2 * GIB));
    for (int i = 0; i < 50; i++) {
      assertEquals(3, choose(sites, Set.of(1), Set.of("a")).site().id());
    }
    assertEquals(2, choose(sites, Set.of(1, 3), Set.of("a", "b")).site().id());
  }

  @Test
  void targets_areDrawnByTheirFreeSpace() {
    List<Site> sites = List.of(site(1, "", 10 * GIB), site(2, "", 30 * GIB));
    int[] drawn = new int[3];
    for (int i = 0; i < 4000; i++) {
      drawn[choose(sites, Set.of(), Set.of()).site().id()]++;
    }
    assertEquals(3.0, (double) drawn[2] / drawn[1], 0.5);
  }

  @Test
  void aTargetWithEnoughOrders_isWaitedFor() {
    Site busy = site(1, "", 50 * GIB);
    busy.ordered((int) MOST - 100);
    assertEquals(CopyTarget.Outcome.LATER, choose(List.of(busy), Set.of(), Set.of()).outcome());
    Site idle = new Site(new Candidate(2, "", 100 * GIB, 50 * GIB, 0), 10, 0, 0);
    assertEquals(2, choose(List.of(busy, idle), Set.of(), Set.of()).site().id());
  }

  @Test
  void whatIsChosenAtBest_isKnownWithoutTheLength() {
    Site busy = site(1, "", 50 * GIB);
    busy.ordered((int) MOST);
    Site full = site(2, "", 0);
    Site idle = site(3, "", 50 * GIB);
    List<Site> sites = List.of(busy, full, idle);
    assertEquals(CopyTarget.Outcome.CHOSEN, CopyTarget.atBest(sites, Set.of(1)));
    assertEquals(CopyTarget.Outcome.LATER, CopyTarget.atBest(sites, Set.of(3)));
    assertEquals(CopyTarget.Outcome.NOWHERE, CopyTarget.atBest(sites, Set.of(1, 3)));
  }

  @Test
  void orders_areToldOnce_andForgottenWhenTheServerDoesNotHaveThem() {
    OrderBook book = new OrderBook();
    Order one = new Order(1, 100, 7, false, List.of(3, 4));
    Order two = new Order(2, 50, 7, false, List.of(4));
    book.add(one);
    book.add(two);
    assertEquals(150, book.bytesTo(7));
    assertEquals(100, book.bytesFrom(3));
    book.keep(7, Set.of());
    assertEquals(List.of(one, two), book.tell(7));
    assertEquals(List.of(), book.tell(7));
    book.keep(7, Set.of(2L));
    assertFalse(book.has(1));
    assertEquals(0, book.bytesFrom(3));
    assertNull(book.remove(8, 2));
    assertEquals(two, book.remove(7, 2));
    assertEquals(0, book.size());
    book.add(one);
    book.drop(7);
    assertEquals(0, book.size());
    assertEquals(0, book.countTo(7));
  }

  @Test
  void aQueue_keepsItsOrder() {
    ChunkQueue queue = new ChunkQueue();
    List<Long> taken = new ArrayList<>();
    for (long id = 1; id <= 3000; id++) {
      queue.add(id);
      if (id % 3 == 0) {
        taken.add(queue.take());
      }
    }
    assertEquals(2000, queue.size());
    while (!queue.isEmpty()) {
      taken.add(queue.take());
    }
    for (int i = 0; i < 3000; i++) {
      assertEquals(i + 1L, taken.get(i));
    }
  }
}
