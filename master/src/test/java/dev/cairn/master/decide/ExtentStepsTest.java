package dev.cairn.master.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.record.proto.ExtentsChanged;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.StateMachine;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.master.store.Overlay;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Where the steps through a range of a file begin and end. */
final class ExtentStepsTest {

  private static final long MAP = 5;

  private final Overlay rows = new Overlay(new MemoryStore());
  private final StateMachine state = new StateMachine(rows);
  private final List<ExtentRow> extents = new ArrayList<>();

  private void extent(long start, long end) {
    ExtentRow extent = new ExtentRow(start, end, 1, 0);
    extents.add(extent);
    state.apply(
        Record.newBuilder()
            .setExtentsChanged(
                ExtentsChanged.newBuilder().setExtentMap(MAP).addWritten(extent.toProto()))
            .build());
  }

  private ExtentSteps steps(int most) {
    return new ExtentSteps(new MetadataView(rows), most);
  }

  private long met(long from, long to) {
    return extents.stream().filter(extent -> extent.end() > from && extent.start() < to).count();
  }

  @Test
  void step_endsBehindTheLastExtentItMayMeet() {
    extent(10, 20);
    extent(20, 30);
    extent(50, 60);
    assertEquals(30, steps(2).end(MAP, 0, 100));
    assertEquals(30, steps(2).end(MAP, 15, 100));
    assertEquals(100, steps(2).end(MAP, 20, 100), "the hole behind belongs to the last step");
    assertEquals(55, steps(3).end(MAP, 0, 55));
    assertEquals(7, steps(1).end(MAP, 7, 7));
  }

  @Test
  void farEndOfAHugeSparseRange_isOneStep() {
    extent(0, 1);
    assertEquals(Long.MAX_VALUE, steps(1).end(MAP, 0, Long.MAX_VALUE));
    assertTrue(steps(1).isOne(MAP, Long.MAX_VALUE - 1, Long.MAX_VALUE));
  }

  @Test
  void stepsThroughRandomExtents_fromBothEnds_areBoundedAndFew() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    long end = 0;
    for (int i = 0; i < 3000; i++) {
      long start = end + (random.nextInt(4) == 0 ? random.nextLong(1L << random.nextInt(40)) : 0);
      end = start + 1 + random.nextInt(5);
      extent(start, end);
    }
    int most = 100;
    ExtentSteps steps = steps(most);
    int forwards = 0;
    for (long at = 0; at < end; forwards++) {
      long next = steps.end(MAP, at, end);
      assertTrue(next > at && met(at, next) <= most, "seed " + seed + " at " + at);
      at = next;
    }
    assertEquals(30, forwards, "seed " + seed);
    int backwards = 1;
    long to = end;
    for (; !steps.isOne(MAP, 0, to); backwards++) {
      long from = steps.startOfLast(MAP, 0, to);
      assertTrue(from < to && met(from, to) <= most, "seed " + seed + " at " + to);
      to = from;
    }
    assertFalse(backwards > 300, "seed " + seed + ": " + backwards + " steps");
  }
}
