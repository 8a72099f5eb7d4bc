package dev.cairn.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which signals end which waits; masks as proc_pid_status(5) shows them. */
final class SignalsTest {

  private static final String NONE = "0000000000000000";
  private static final String KILL = "0000000000000100";
  private static final String TERM = "0000000000004000";
  private static final String ALARM = "0000000000002000";
  private static final String CHILD = "0000000000010000";

  private static boolean ends(String own, String shared, String blocked, long seconds) {
    return Signals.endWait(
        Map.of("SigPnd", own, "ShdPnd", shared, "SigBlk", blocked), Duration.ofSeconds(seconds));
  }

  @Test
  void aDeadlySignal_endsEveryWaitAtOnce() {
    assertTrue(ends(KILL, NONE, NONE, 0));
  }

  @Test
  void noSignal_endsNone() {
    assertFalse(ends(NONE, NONE, NONE, 3600));
  }

  @Test
  void aSignalThatAsksToEnd_andIsHandled_endsALongWait() {
    assertFalse(ends(NONE, TERM, NONE, 0));
    assertTrue(ends(NONE, TERM, NONE, 2));
    assertTrue(ends(TERM, NONE, NONE, 2));
  }

  @Test
  void aSignalThatIsBlocked_endsNone() {
    assertFalse(ends(NONE, TERM, TERM, 3600));
  }

  @Test
  void aTimer_endsAVeryLongWaitOnly() {
    assertFalse(ends(NONE, ALARM, NONE, 5));
    assertTrue(ends(NONE, ALARM, NONE, 30));
  }

  @Test
  void aChildThatEnded_endsNone() {
    assertFalse(ends(NONE, CHILD, NONE, 3600));
  }

  @Test
  void aProcess_thatASignalKilled_isKnownByItsFlags() {
    assertTrue(Signals.wasKilled("7 (a) b) c) D 1 1 1 0 -1 4195588 0 0 0 0 0 0"));
    assertFalse(Signals.wasKilled("7 (cp) D 1 1 1 0 -1 4194308 0 0 0 0 0 0"));
  }
}
