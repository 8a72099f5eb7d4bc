package dev.cairn.master.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.master.ManualTime;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.log.BackgroundForce;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Layout;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Table;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What is handed out for deletion, and when. */
final class GarbageTest {

  private final ManualTime time = new ManualTime();
  private final MemoryStore store = new MemoryStore();
  private final MetadataView view = new MetadataView(store);
  private final ReplicaMap replicas =
      new ReplicaMap(
          view, new Fleet(view, Duration.ofSeconds(10), 0), time, Duration.ofSeconds(20));
  private final Deque<Runnable> forces = new ArrayDeque<>();
  private final AtomicLong neededFrom = new AtomicLong(Long.MAX_VALUE);
  private final Garbage garbage =
      new Garbage(replicas, Duration.ZERO, neededFrom::get, new BackgroundForce(forces::add, time));

  private void discard(long chunk) {
    Overlay changes = new Overlay(store);
    changes.put(Table.GARBAGE, Layout.u64(chunk), Layout.garbageValue(time.now(), false));
    store.write(changes);
    replicas.reportedGarbage(chunk, 1);
  }

  private void lose(long chunk) {
    assertEquals(List.of(chunk), replicas.lost(1, List.of(chunk), 0).lastOfGarbage());
  }

  private List<Long> deleted() {
    return garbage.pick(new MetadataView(store), 1, time.now()).toDelete();
  }

  @Test
  void withoutGarbage_nothingIsForced() {
    assertEquals(List.of(), deleted());
    assertEquals(List.of(), deleted());
    assertEquals(0, forces.size());
  }

  @Test
  void garbage_isHandedOutOnlyWhenTheLogHasBeenForcedSinceItWasSeen() {
    discard(7);
    assertEquals(List.of(), deleted());
    assertEquals(List.of(), deleted());
    assertEquals(1, forces.size());
    discard(8);
    forces.remove().run();
    assertEquals(List.of(7L), deleted());
    lose(7);
    time.pass(Duration.ofSeconds(1));
    assertEquals(List.of(), deleted());
    forces.remove().run();
    assertEquals(List.of(8L), deleted());
  }

  @Test
  void garbageThatABackupMayNeed_isKept() {
    discard(7);
    time.pass(Duration.ofSeconds(1));
    neededFrom.set(time.now());
    discard(8);
    assertEquals(List.of(), deleted());
    forces.remove().run();
    assertEquals(List.of(7L), deleted());
    lose(7);
    assertEquals(List.of(), deletedInTheEnd());
    neededFrom.set(time.now() + 1);
    assertEquals(List.of(8L), deletedInTheEnd());
  }

  /** What is handed out after some heartbeats, with a force between any two of them. */
  private List<Long> deletedInTheEnd() {
    List<Long> handedOut = List.of();
    for (int beat = 0; beat < 4; beat++) {
      time.pass(Duration.ofSeconds(1));
      handedOut = deleted();
      while (!forces.isEmpty()) {
        forces.remove().run();
      }
    }
    return handedOut;
  }

  @Test
  void garbageThatIsReportedMeanwhile_isNotNowhere() {
    discard(7);
    discard(8);
    lose(7);
    lose(8);
    assertEquals(List.of(), deleted());
    forces.remove().run();
    replicas.reportedGarbage(7, 2);
    assertEquals(List.of(8L), garbage.pick(new MetadataView(store), 1, time.now()).nowhere());
  }

  @Test
  void forces_beginOnceASecondAtMost_andOneAfterTheOther() {
    discard(7);
    assertEquals(List.of(), deleted());
    time.pass(Duration.ofSeconds(5));
    assertEquals(List.of(), deleted());
    assertEquals(1, forces.size());
    forces.remove().run();
    assertEquals(List.of(7L), deleted());
    forces.remove().run();
    assertEquals(List.of(7L), deleted());
    assertEquals(List.of(), deleted());
    assertEquals(0, forces.size());
    time.pass(Duration.ofSeconds(1));
    assertEquals(List.of(), deleted());
    assertEquals(1, forces.size());
  }
}
