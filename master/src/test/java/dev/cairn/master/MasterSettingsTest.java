package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.master.compact.CompactionSettings;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.repair.RepairSettings;
import dev.cairn.master.session.SessionSettings;
import dev.cairn.rpc.HostPort;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a master refuses to start with. */
final class MasterSettingsTest {

  private static MasterSettings settings(long deadAfter, long sessionTimeToLive, long hold) {
    return new MasterSettings(
        Path.of("data"),
        new HostPort("127.0.0.1", 0),
        new Defaults(64 << 20, 2),
        Duration.ofSeconds(deadAfter),
        SessionSettings.of(Duration.ofSeconds(sessionTimeToLive)),
        Duration.ofSeconds(hold),
        RepairSettings.defaults(),
        CompactionSettings.defaults());
  }

  private static String refused(long deadAfter, long sessionTimeToLive, long hold) {
    return assertThrows(
            IllegalArgumentException.class, () -> settings(deadAfter, sessionTimeToLive, hold))
        .getMessage();
  }

  @Test
  void timesWithinTheirRanges_areTaken() {
    settings(1, 1, 0);
    settings(3600, 3600, 2_592_000);
  }

  @Test
  void timesOutOfTheirRanges_areRefusedWithASentence() {
    assertEquals(
        "a chunk server is dead after a silence of 1 to 3600 seconds, not 0", refused(0, 19, 60));
    assertEquals(
        "a session lives for 1 to 3600 seconds without its client, not 3601",
        refused(10, 3601, 60));
    assertEquals("garbage is held for 0 to 2592000 seconds (30 days), not -1", refused(10, 19, -1));
    assertEquals(
        "a session lives for 1 to 3600 seconds without its client, not " + Long.MAX_VALUE,
        refused(10, Long.MAX_VALUE, 60));
  }

  @Test
  void graceShorterThanTheTimeToLive_isRefused() {
    Duration timeToLive = Duration.ofSeconds(19);
    assertEquals(
        "the grace after a start of the master is as long as a session lives (19 seconds) to 3600"
            + " seconds, not 18",
        assertThrows(
                IllegalArgumentException.class,
                () -> new SessionSettings(timeToLive, Duration.ofSeconds(18)))
            .getMessage());
  }
}
