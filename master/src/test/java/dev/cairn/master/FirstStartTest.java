package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.log.StoreLog;
import dev.cairn.master.store.RocksStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A first start that is cut short at any moment, and a directory that has lost what it held. */
@Timeout(120)
final class FirstStartTest {

  private static final String FORMAT = "cairn master 1\n";

  @TempDir Path temporary;
  private Path directory;

  @BeforeEach
  void name() {
    directory = temporary.resolve("master");
  }

  /** Does what the command does before it serves; answers the cluster's id. */
  private static String start(Path directory, String newId) throws IOException {
    try (DataDirectory data = DataDirectory.open(directory);
        RocksStore store = RocksStore.open(data.tables())) {
      data.holds(Founding.clusterIn(store));
      String id = Founding.found(store, new StoreLog(store), newId, Founder.ROOT, 1);
      data.holds(id);
      return id;
    }
  }

  private void starts() throws IOException {
    assertEquals("new", start(directory, "new"));
    assertEquals("new", start(directory, "another"));
  }

  private void refuses(String because) {
    IOException e = assertThrows(IOException.class, () -> start(directory, "new"));
    assertTrue(e.getMessage().contains(because), e.getMessage());
  }

  private void write(String name, String content) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private static List<Path> filesIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return new ArrayList<>(files.filter(Files::isRegularFile).toList());
    }
  }

  private static void removeAll(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Test
  void aStartCutBeforeTheTables_startsAgain() throws IOException {
    Files.createDirectories(directory);
    starts();
    for (String format : List.of("", "\0\0\0\0")) {
      removeAll(directory);
      write("FORMAT", format);
      write("FORMAT.new", "cairn ma");
      write("lock", "");
      Files.createDirectories(directory.resolve("tables/lib"));
      starts();
    }
  }

  @Test
  void aStartCutWhileTheTablesAreMade_startsAgain() throws IOException {
    Path whole = temporary.resolve("whole");
    start(whole, "whole");
    List<Path> files = filesIn(whole.resolve("tables"));
    files.removeIf(file -> file.toString().endsWith(".log") || file.endsWith("synced"));
    // CURRENT is the last that RocksDB puts in its place.
    files.sort(
        Comparator.comparing((Path file) -> file.endsWith("CURRENT"))
            .thenComparing(Path::toString));
    for (int count = 0; count <= files.size(); count++) {
      for (int half = 0; half < 2; half++) {
        removeAll(directory);
        Path tables = Files.createDirectories(directory.resolve("tables"));
        for (Path file : files.subList(0, count)) {
          byte[] content = Files.readAllBytes(file);
          boolean cut = half == 1 && file.equals(files.get(count - 1));
          Files.write(
              tables.resolve(file.getFileName()),
              cut ? Arrays.copyOf(content, content.length / 2) : content);
        }
        starts();
      }
    }
  }

  @Test
  void aStartCutBeforeTheFoundingIsSynced_startsAgain() throws IOException {
    Path whole = temporary.resolve("whole");
    start(whole, "whole");
    for (int cut = 0; cut < 3; cut++) {
      removeAll(directory);
      Path tables = Files.createDirectories(directory.resolve("tables"));
      for (Path file : filesIn(whole.resolve("tables"))) {
        byte[] content = Files.readAllBytes(file);
        boolean log = file.toString().endsWith(".log");
        if (!file.endsWith("synced")) {
          int length = log ? content.length * cut / 3 : content.length;
          Files.write(tables.resolve(file.getFileName()), Arrays.copyOf(content, length));
        }
      }
      starts();
    }
  }

  @Test
  void aStartCutBetweenTheFoundingAndTheFormat_keepsTheCluster() throws IOException {
    start(directory, "first");
    for (String format : Arrays.asList(null, "", "\0\0\0\0\0\0")) {
      Files.delete(directory.resolve("FORMAT"));
      if (format != null) {
        write("FORMAT", format);
      }
      assertEquals("first", start(directory, "second"));
      assertEquals(FORMAT, Files.readString(directory.resolve("FORMAT")));
    }
  }

  @Test
  void aDirectoryWhoseTablesAreGone_isRefused() throws IOException {
    start(directory, "first");
    removeAll(directory.resolve("tables"));
    refuses("a cluster was founded here");
    Files.createDirectories(directory.resolve("tables"));
    refuses("a cluster was founded here");
    assertEquals(0, filesIn(directory.resolve("tables")).size());
  }

  @Test
  void tablesWithoutTheirFileCurrent_areRefusedAndLeftAlone() throws IOException {
    start(directory, "first");
    Path current = directory.resolve("tables/CURRENT");
    byte[] content = Files.readAllBytes(current);
    Files.delete(current);
    refuses("a cluster was founded here");
    Files.delete(directory.resolve("FORMAT"));
    refuses("CURRENT is missing");
    Files.write(current, content);
    assertEquals("first", start(directory, "second"));
  }

  @Test
  void tablesWithoutTheirManifest_areRefused() throws IOException {
    start(directory, "first");
    for (Path file : filesIn(directory.resolve("tables"))) {
      if (file.getFileName().toString().startsWith("MANIFEST")) {
        Files.delete(file);
      }
    }
    refuses("cannot be opened");
  }

  @Test
  void aFormatOfAnOlderProgram_withItsTables_isRead() throws IOException {
    // That program wrote FORMAT first, and had no mark of what was synced.
    write("FORMAT", FORMAT);
    try (RocksStore store = RocksStore.open(directory.resolve("tables"))) {
      Founding.found(store, new StoreLog(store), "old", Founder.ROOT, 1);
    }
    Files.delete(directory.resolve("tables/synced"));
    assertEquals("old", start(directory, "second"));
  }
}
