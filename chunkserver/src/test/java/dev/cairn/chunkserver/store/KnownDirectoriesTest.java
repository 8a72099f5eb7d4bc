package dev.cairn.chunkserver.store;

import static dev.cairn.chunkserver.store.StoreUnderTest.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The directories of one server know each other. */
final class KnownDirectoriesTest {

  @TempDir Path directory;
  private Path one;
  private Path two;
  private StoreUnderTest t;

  @BeforeEach
  void open() throws IOException {
    one = directory.resolve("one");
    two = directory.resolve("two");
    t = new StoreUnderTest(one, two);
    for (long id = 1; id <= 20; id++) {
      t.append(id, 0, random(300_000, id), true);
    }
    t.store.close();
  }

  @AfterEach
  void close() {
    t.close();
  }

  private void unmount(Path disk) throws IOException {
    Files.move(disk, directory.resolve("elsewhere"));
    Files.createDirectory(disk);
  }

  private String failure(Path disk) {
    return t.store.disks().stream()
        .filter(report -> report.path().equals(disk.toString()))
        .findFirst()
        .orElseThrow()
        .failure();
  }

  private static List<String> names(Path in) throws IOException {
    try (var files = Files.list(in)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void anEmptyDirectoryWhereOneIsMissing_isNotUsed_andTheOthersServe() throws IOException {
    unmount(two);
    t.open();
    assertTrue(failure(two).contains("no identity"), failure(two));
    assertTrue(failure(two).contains("--accept-new-disks"), failure(two));
    assertEquals("", failure(one));
    assertFalse(t.listing().isEmpty());
    for (long id = 101; id <= 140; id++) {
      t.append(id, 0, random(300_000, id), true);
    }
    assertEquals(List.of(), names(two));
    t.store.close();
    Files.delete(two);
    Files.move(directory.resolve("elsewhere"), two);
    t.open();
    assertEquals("", failure(two));
    assertEquals(60, t.store.count());
  }

  @Test
  void theOperatorsWord_makesItANewDisk_alsoLater() throws IOException {
    unmount(two);
    t.acceptNewDisks = true;
    t.open();
    assertEquals("", failure(two));
    t.store.close();
    t.acceptNewDisks = false;
    t.open();
    assertEquals("", failure(two));
    assertEquals(2, t.store.disks().size());
  }

  @Test
  void aDirectoryThatIsNoLongerNamed_isReportedMissing_untilItIsForgotten() throws IOException {
    t.directories = List.of(one);
    t.open();
    assertTrue(failure(two).contains("is missing"), failure(two));
    t.store.close();
    t.acceptNewDisks = true;
    t.open();
    assertEquals(1, t.store.disks().size());
    t.store.close();
    t.acceptNewDisks = false;
    t.open();
    assertEquals(1, t.store.disks().size());
  }

  @Test
  void anotherDirectory_isTakenWhileNoneIsMissing() throws IOException {
    Path three = directory.resolve("three");
    t.directories = List.of(one, three, two);
    t.open();
    assertEquals(3, t.store.disks().size());
    assertTrue(t.store.disks().stream().allMatch(disk -> disk.failure().isEmpty()));
    assertEquals(20, t.store.count());
  }

  @Test
  void directoriesThatChangePlaces_areKnown() throws IOException {
    Path moved = directory.resolve("moved");
    Files.move(one, moved);
    t.directories = List.of(two, moved);
    t.open();
    assertEquals(2, t.store.disks().size());
    assertEquals(20, t.store.count());
  }

  @Test
  void identitiesOfTheFormerFormat_areReadAndUpgraded() throws IOException {
    for (Path disk : List.of(one, two)) {
      Path file = disk.resolve("identity");
      List<String> lines = new ArrayList<>(Files.readAllLines(file));
      lines.removeIf(line -> line.contains("directory"));
      lines.replaceAll(line -> line.startsWith("format") ? "format-version=1" : line);
      Files.write(file, lines);
    }
    String uuid = t.store.identity().serverUuid();
    t.open();
    assertEquals(uuid, t.store.identity().serverUuid());
    assertEquals(20, t.store.count());
    t.store.close();
    unmount(two);
    t.open();
    assertFalse(failure(two).isEmpty());
  }

  @Test
  void aDamagedIdentity_costsItsDirectoryAlone() throws IOException {
    for (byte[] damaged : List.of(new byte[0], new byte[200], random(200, 1))) {
      byte[] before = Files.readAllBytes(two.resolve("identity"));
      Files.write(two.resolve("identity"), damaged);
      t.open();
      assertTrue(failure(two).contains("is damaged"), failure(two));
      assertFalse(t.listing().isEmpty());
      t.store.close();
      Files.write(two.resolve("identity"), before);
      t.open();
      assertEquals(20, t.store.count());
      t.store.close();
    }
    t.open();
  }
}
