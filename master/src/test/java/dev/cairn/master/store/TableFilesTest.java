package dev.cairn.master.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableFilesTest {

  @TempDir Path directory;

  @Test
  void bytes_passOverATableThatACompactionRemovesMeanwhile() throws IOException {
    Files.write(directory.resolve("000007.sst"), new byte[100]);
    Files.write(directory.resolve("000008.log"), new byte[1000]);
    // Listed, and not there when it is looked at.
    Files.createSymbolicLink(directory.resolve("000009.sst"), directory.resolve("gone"));
    assertEquals(100, TableFiles.bytes(directory));
  }
}
