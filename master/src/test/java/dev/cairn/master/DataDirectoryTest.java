package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataDirectoryTest {

  @TempDir Path directory;

  private void refused(String because) {
    IOException e = assertThrows(IOException.class, () -> DataDirectory.open(directory));
    assertTrue(e.getMessage().contains(because), e.getMessage());
  }

  @Test
  void aDirectoryInUse_isRefusedUntilItIsFree() throws IOException {
    try (DataDirectory first = DataDirectory.open(directory)) {
      assertTrue(first.tables().startsWith(directory));
      refused("in use");
    }
    DataDirectory.open(directory).close();
  }

  @Test
  void aDirectoryOfSomethingElse_isRefused() throws IOException {
    Files.writeString(directory.resolve("letter.txt"), "dear");
    refused("not empty");
  }

  @Test
  void anotherFormat_isRefused() throws IOException {
    Files.writeString(directory.resolve("FORMAT"), "cairn master 99\n");
    refused("cairn master 99");
  }
}
