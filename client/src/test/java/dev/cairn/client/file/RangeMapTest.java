package dev.cairn.client.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RangeMapTest {

  private static final int SPACE = 64;

  @Test
  void put_inTheMiddle_splitsWhatWasThere() {
    RangeMap<Long> map = new RangeMap<>(Long::sum);
    map.put(0, 10, 100L);
    map.put(4, 2, 500L);
    assertEquals(
        List.of(
            new RangeMap.Range<>(0, 4, 100L),
            new RangeMap.Range<>(4, 2, 500L),
            new RangeMap.Range<>(6, 4, 106L)),
        map.within(0, 10));
  }

  @Test
  void within_clipsAtBothEnds() {
    RangeMap<Long> map = new RangeMap<>(Long::sum);
    map.put(0, 10, 100L);
    assertEquals(List.of(new RangeMap.Range<>(3, 4, 103L)), map.within(3, 7));
    assertEquals(List.of(), map.within(10, 20));
  }

  /** Every offset has the value last put there, advanced to that offset, or none. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomPutsAndRemovals_agreeWithAnArray(long seed) {
    Random random = new Random(seed);
    RangeMap<Long> map = new RangeMap<>(Long::sum);
    Long[] model = new Long[SPACE];
    for (int step = 0; step < 2000; step++) {
      int offset = random.nextInt(SPACE);
      int length = 1 + random.nextInt(SPACE - offset);
      if (random.nextInt(4) == 0) {
        map.remove(offset, length);
        for (int i = 0; i < length; i++) {
          model[offset + i] = null;
        }
      } else {
        long value = step * 1000L;
        map.put(offset, length, value);
        for (int i = 0; i < length; i++) {
          model[offset + i] = value + i;
        }
      }
      assertEquals(List.of(model(model)), List.of(flat(map)), "seed " + seed + " step " + step);
    }
  }

  private static String model(Long[] model) {
    return java.util.Arrays.toString(model);
  }

  private static String flat(RangeMap<Long> map) {
    Long[] values = new Long[SPACE];
    List<Long> ends = new ArrayList<>();
    for (RangeMap.Range<Long> range : map.within(0, SPACE)) {
      for (long i = 0; i < range.length(); i++) {
        values[(int) (range.offset() + i)] = range.value() + i;
      }
      ends.add(range.end());
    }
    long last = ends.isEmpty() ? 0 : ends.get(ends.size() - 1);
    assertEquals(last, map.end());
    return model(values);
  }
}
