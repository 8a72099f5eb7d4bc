package dev.cairn.rpc.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatencyTest {

  @Test
  void everyTime_isInTheFirstBucketThatHoldsIt() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Latency latency = new Latency();
    double[] bounds = Latency.bounds();
    long[] expected = new long[bounds.length];
    long sum = 0;
    for (int i = 0; i < 10_000; i++) {
      long nanos = (long) Math.exp(random.nextDouble() * Math.log(60e9));
      latency.took(nanos);
      sum += nanos;
      int bucket = 0;
      while (nanos / 1e9 > bounds[bucket]) {
        bucket++;
      }
      expected[bucket]++;
    }
    assertEquals(Arrays.toString(expected), Arrays.toString(latency.counts()), "seed " + seed);
    assertEquals(10_000, latency.count());
    assertEquals(sum / 1e9, latency.sumSeconds(), 1e-6);
  }

  @Test
  void aTimeAtABound_isBelowIt() {
    Latency latency = new Latency();
    latency.took(100_000);
    latency.took(100_001);
    assertEquals(1, latency.counts()[0]);
    assertEquals(1, latency.counts()[1]);
  }

  @Test
  void operations_countResultsAndWhatIsUnderWay() {
    Operations operations = new Operations(number -> "error_" + number);
    Operation read = operations.named("read");
    long first = read.begin();
    long second = read.begin();
    long third = read.begin();
    read.ended(first, Operation.OK);
    read.ended(second, 5);
    assertEquals(1, read.underWay());
    read.ended(third, 100_000);
    Map<String, Long> results = new HashMap<>();
    read.results((result, count) -> results.put(operations.result(result), count));
    assertEquals(Map.of("ok", 1L, "error_5", 1L, "error_255", 1L), results);
    assertEquals(0, read.underWay());
    assertTrue(operations.named("read") == read);
  }
}
