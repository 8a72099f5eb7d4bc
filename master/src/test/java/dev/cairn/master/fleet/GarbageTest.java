package dev.cairn.master.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.master.ManualTime;
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
import org.junit.jupiter.api.Test;

/** What is handed out for deletion, and when. */
final class GarbageTest {

  private final ManualTime time = new ManualTime();
  private final MemoryStore store = new MemoryStore();
  private final ChunkLocations locations = new ChunkLocations();
  private final Deque<Runnable> forces = new ArrayDeque<>();
  private final Garbage garbage =
      new Garbage(locations, Duration.ZERO, new BackgroundForce(forces::add, time));

  private void discard(long chunk) {
    Overlay changes = new Overlay(store);
    changes.put(Table.GARBAGE, Layout.u64(chunk), Layout.garbageValue(time.now(), false));
    store.write(changes);
    locations.add(chunk, 1);
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
    locations.remove(7, 1);
    time.pass(Duration.ofSeconds(1));
    assertEquals(List.of(), deleted());
    forces.remove().run();
    assertEquals(List.of(8L), deleted());
  }

  @Test
  void garbageThatIsReportedMeanwhile_isNotNowhere() {
    discard(7);
    discard(8);
    locations.remove(7, 1);
    locations.remove(8, 1);
    assertEquals(List.of(), deleted());
    forces.remove().run();
    locations.add(7, 2);
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
