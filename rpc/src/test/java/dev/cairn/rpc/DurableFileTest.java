package dev.cairn.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DurableFileTest {

  @TempDir Path directory;

  @Test
  void write_replacesTheContentAndLeavesNothingBesideIt() throws IOException {
    Path file = directory.resolve("a/b/settings");
    DurableFile.write(file, "first and longer\n");
    DurableFile.write(file, "second\n");
    assertEquals("second\n", Files.readString(file));
    assertFalse(Files.exists(directory.resolve("a/b/settings.new")));
  }

  @Test
  void write_overWhatAnInterruptedWriteLeft_succeeds() throws IOException {
    Path file = directory.resolve("FORMAT");
    Files.writeString(directory.resolve("FORMAT" + DurableFile.FRESH_SUFFIX), "half of somethi");
    DurableFile.write(file, "1\n");
    assertEquals("1\n", Files.readString(file));
  }

  @Test
  void createDirectories_ofOneThatIsThere_doesNothing() throws IOException {
    DurableFile.createDirectories(directory);
    assertTrue(Files.isDirectory(directory));
  }
}
