package dev.cairn.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.rpc.Retry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the log says of waits. */
final class WaitsTest {

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final List<String> log = new ArrayList<>();
  private long nanos;
  private final Waits waits = new Waits(log::add, () -> nanos);

  private void waits(Object who, Duration waited) {
    waits.waits(who, () -> "the master at h:1", waited, PATIENCE);
  }

  private void pass(long seconds) {
    nanos += Duration.ofSeconds(seconds).toNanos();
  }

  @Test
  void aLongWait_isSaidOnce_andItsEnd() {
    waits("a", Duration.ZERO);
    assertEquals(List.of(), log);
    pass(3);
    waits("a", Duration.ofSeconds(3));
    waits("a", Duration.ofSeconds(3));
    pass(38);
    waits.over("a");
    assertEquals(
        List.of("waiting for the master at h:1; giving up after 5m", "going on after 41 s"), log);
  }

  @Test
  void aShortWait_isNotSaid() {
    waits("a", Duration.ZERO);
    pass(1);
    waits("a", Duration.ofSeconds(1));
    waits.over("a");
    assertEquals(List.of(), log);
  }

  @Test
  void aWaitThatWasLongBeforeItWasHeardOf_isSaidAtOnce() {
    waits("a", Duration.ofSeconds(10));
    assertEquals(1, log.size());
  }

  @Test
  void manyWaits_areSaidAsOne_thatEndsWithTheLast() {
    waits("a", Duration.ofSeconds(2));
    waits("b", Duration.ofSeconds(2));
    waits.over("a");
    assertEquals(1, log.size());
    waits.over("b");
    waits.over("b");
    assertEquals(List.of("going on after 2 s"), log.subList(1, log.size()));
  }

  @Test
  void aWaitWithoutEnd_isSaidToBeOne() {
    waits.waits("a", () -> "chunk servers: 1 does not answer", PATIENCE, Retry.FOREVER);
    assertEquals(
        List.of("waiting for chunk servers: 1 does not answer; it is never given up"), log);
  }
}
