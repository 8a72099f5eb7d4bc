package dev.cairn.chunkserver.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ThrottleTest {

  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong now = new AtomicLong(5 * SECOND);
  private final Throttle throttle = new Throttle(now::get);

  @Test
  void withoutARate_nobodyWaits() {
    assertEquals(0, throttle.reserve(Long.MAX_VALUE / 4));
  }

  @Test
  void whoComes_waitsForThoseBefore() {
    throttle.rate(1000);
    assertEquals(0, throttle.reserve(250));
    assertEquals(0, throttle.reserve(1000));
    assertEquals(SECOND, throttle.reserve(500));
    assertEquals(SECOND * 3 / 2, throttle.reserve(1));
  }

  @Test
  void afterALongPause_onlyAMomentsWorthPassesAtOnce() {
    throttle.rate(1000);
    now.addAndGet(100 * SECOND);
    assertEquals(0, throttle.reserve(250));
    assertEquals(0, throttle.reserve(250));
    assertEquals(SECOND / 4, throttle.reserve(250));
  }
}
