package dev.cairn.master.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReserveTest {

  private static final long BYTES = 3 << 19;

  @TempDir Path directory;

  private long size() throws IOException {
    Path file = directory.resolve("reserve");
    return Files.exists(file) ? Files.size(file) : -1;
  }

  @Test
  void aReserve_isHeldGivenUpOverARestartAndHeldAgain() throws IOException {
    Reserve reserve = Reserve.in(directory, BYTES);
    reserve.hold();
    assertEquals(BYTES, size());
    assertFalse(reserve.isGivenUp());
    reserve.giveUp();
    assertEquals(0, size());
    Reserve restarted = Reserve.in(directory, BYTES);
    assertTrue(restarted.isGivenUp());
    restarted.hold();
    assertFalse(restarted.isGivenUp());
    assertEquals(BYTES, size());
  }

  @Test
  void aReserveThatNeverFitted_isNotGivenUp() throws IOException {
    Reserve reserve = Reserve.in(directory, Long.MAX_VALUE / 4);
    reserve.hold();
    assertEquals(-1, size());
    reserve.giveUp();
    assertFalse(reserve.isGivenUp());
  }

  @Test
  void aReserveOfNothing_removesWhatAnEarlierOneLeft() throws IOException {
    Reserve.in(directory, BYTES).hold();
    Reserve none = Reserve.in(directory, 0);
    assertEquals(-1, size());
    none.giveUp();
    assertFalse(none.isGivenUp());
  }

  @Test
  void theDefault_isASixteenthOfASmallDisk() {
    assertEquals(8L << 20, StoreSettings.defaultReserveBytes(128L << 20));
    assertEquals(64L << 20, StoreSettings.defaultReserveBytes(1L << 40));
  }
}
