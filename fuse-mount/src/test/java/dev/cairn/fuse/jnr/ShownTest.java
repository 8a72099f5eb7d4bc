package dev.cairn.fuse.jnr;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ShownTest {

  private static final String MAC_OS =
      """
      /dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
      cairn:10.0.0.1:7070 on /Volumes/my cairn (macfuse, nodev, nosuid, synchronous)
      """;

  @Test
  void mountOfOurs_isFoundInWhatMountPrints() {
    assertTrue(Shown.isPrinted(MAC_OS, Path.of("/Volumes/my cairn")));
  }

  @Test
  void otherMounts_areNot() {
    assertFalse(Shown.isPrinted(MAC_OS, Path.of("/")));
    assertFalse(Shown.isPrinted(MAC_OS, Path.of("/Volumes/my")));
  }
}
