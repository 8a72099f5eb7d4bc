package dev.cairn.fuse.jnr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DyingProcessTest {

  private static final int ALARM = 14;
  private static final int CHILD = 17;
  private static final int KILL = 9;
  private static final int QUIT = 3;

  /** Signal numbers; 0 for none. */
  @ParameterizedTest
  @CsvSource({
    KILL + ", 0, 0, 0, true",
    QUIT + ", 0, 0, 0, true",
    QUIT + ", " + QUIT + ", 0, 0, false",
    QUIT + ", 0, " + QUIT + ", 0, false",
    ALARM + ", 0, 0, " + ALARM + ", false",
    CHILD + ", 0, 0, 0, false",
    "0, 0, 0, 0, false",
  })
  void isDying_onlyForASignalThatEndsIt(
      int pending, int blocked, int ignored, int caught, boolean dying) {
    String status =
        "Name:\tgit\nSigQ:\t0/1\n"
            + ("SigPnd:\t" + mask(0) + "\nShdPnd:\t" + mask(pending) + "\n")
            + ("SigBlk:\t" + mask(blocked) + "\nSigIgn:\t" + mask(ignored) + "\n")
            + ("SigCgt:\t" + mask(caught) + "\n");
    assertEquals(dying, DyingProcess.isDying(status));
  }

  @Test
  void isDying_forTheProcessThatAsks_isFalse() {
    assertFalse(DyingProcess.is((int) ProcessHandle.current().pid()));
  }

  @Test
  void isDying_forAProcessThatIsGone() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    assertTrue(DyingProcess.is((int) process.pid()));
  }

  private static String mask(int signal) {
    return String.format("%016x", signal == 0 ? 0 : 1L << (signal - 1));
  }
}
