package dev.cairn.chunkserver.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ThrottleTest {

  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong now = new AtomicLong(5 * SECOND);
  private final AtomicLong clients = new AtomicLong();
  private final Throttle throttle = new Throttle(now::get, clients::get);

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

  /** Reserves a second's worth at that rate: a second later it has passed, and no sooner. */
  private void letsPass(long bytesPerSecond) {
    throttle.reserve(bytesPerSecond);
    long wait = throttle.reserve(1);
    assertTrue(Math.abs(wait - SECOND) < SECOND / 1000, () -> wait + " ns");
    now.addAndGet(SECOND);
  }

  @Test
  void whileClientsAreBusy_aQuarterOfTheirsPasses_andNeverNothing() {
    throttle.rate(64 << 20);
    now.addAndGet(SECOND);
    clients.addAndGet(80 << 20);
    throttle.reserve(5 << 20); // What may pass at once.
    letsPass(20 << 20);
    clients.addAndGet(8 << 20);
    letsPass(Throttle.LEAST_BYTES_PER_SECOND);
    clients.addAndGet(1000 << 20);
    letsPass(64 << 20);
    letsPass(64 << 20); // Nobody is there.
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
