package dev.cairn.chunkserver.store;

import static dev.cairn.chunkserver.store.StoreUnderTest.fails;
import static dev.cairn.chunkserver.store.StoreUnderTest.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start with files, or disks, that cannot be read: it costs those, and no other. */
final class OpeningTest {

  private static final int LARGE = 400_000;
  private static final int SMALL = 10_000;

  @TempDir Path directory;
  private StoreUnderTest t;

  @BeforeEach
  void open() throws IOException {
    t = new StoreUnderTest(directory.resolve("one"), directory.resolve("two"));
  }

  @AfterEach
  void close() {
    t.close();
  }

  private void fill() throws IOException {
    for (long id = 1; id <= 40; id++) {
      t.append(id, 0, random(id % 2 == 0 ? LARGE : SMALL, id), true);
    }
  }

  private Set<Long> listed() {
    return t.listing().keySet();
  }

  /** Chunks whose file, one of their own, is in the first directory. */
  private List<Long> large() {
    return t.files(".data").stream()
        .map(file -> Long.valueOf(file.getFileName().toString().substring(0, 16), 16))
        .toList();
  }

  private void assertHoldsAllBut(long missing) throws IOException {
    for (long id = 1; id <= 40; id++) {
      if (id != missing) {
        t.assertHolds(id, random(id % 2 == 0 ? LARGE : SMALL, id));
      }
    }
  }

  @Test
  void anUnreadableLog_costsItsChunkAlone_whichIsListedAndBad() throws IOException {
    fill();
    t.store.close();
    Path log = t.files(".sums").get(0);
    long id = large().get(0);
    t.storage.failReads = log::equals;
    t.open();
    assertEquals(List.of(id), t.bad());
    assertEquals(40, t.store.count());
    assertEquals(-LARGE, t.listing().get(id));
    fails(ErrorCode.CORRUPT, () -> t.read(id, 0, 1));
    assertHoldsAllBut(id);
    t.store.quarantine(List.of(id));
    assertTrue(t.store.disks().stream().allMatch(disk -> disk.failure().isEmpty()));
  }

  @Test
  void dataWhoseLogIsGone_isBad_andNotRemoved() throws IOException {
    fill();
    t.store.close();
    long id = large().get(0);
    Path data = t.files(".data").get(0);
    Files.delete(t.files(".sums").get(0));
    t.open();
    assertEquals(List.of(id), t.bad());
    assertEquals(LARGE, Files.size(data));
    var e = fails(ErrorCode.CORRUPT, () -> t.read(id, 0, 1));
    assertTrue(e.getMessage().contains(".sums failed: no such file"), e.getMessage());
    assertHoldsAllBut(id);
    t.store.quarantine(List.of(id));
    assertEquals(1, t.files(data.getFileName().toString()).size());
    assertFalse(Files.exists(data));
  }

  @Test
  void whatADeletionHasLeft_isPutAside() throws IOException {
    fill();
    t.store.close();
    long id = large().get(0);
    Path log = t.files(".sums").get(0);
    Files.delete(t.files(".data").get(0));
    t.open();
    assertEquals(List.of(), t.bad());
    assertFalse(Files.exists(log));
    assertEquals(
        List.of(log.getFileName()),
        t.files(".sums").stream()
            .filter(file -> file.toString().contains("quarantine"))
            .map(Path::getFileName)
            .toList());
    t.assertMissing(id);
  }

  @Test
  void unreadableData_ofAChunkThatIsToBeChecked_costsItAlone() throws IOException {
    fill();
    t.store.abandon();
    Path data = t.files(".data").get(0);
    long id = large().get(0);
    t.storage.failReads = data::equals;
    t.open();
    assertEquals(List.of(id), t.bad());
    fails(ErrorCode.CORRUPT, () -> t.read(id, 0, 1));
    assertHoldsAllBut(id);
  }

  @Test
  void aFileThatIsGoneByTheTimeItIsPutAside_doesNotCostTheDisk() throws IOException {
    fill();
    long id = large().get(0);
    Files.delete(t.files(".data").get(0));
    t.store.quarantine(List.of(id));
    assertTrue(t.store.disks().stream().allMatch(disk -> disk.failure().isEmpty()));
    t.assertMissing(id);
  }

  @Test
  void anUnreadableHeaderInAPack_costsItsChunkAlone_andThePackIsKept() throws IOException {
    try (StoreUnderTest one = new StoreUnderTest(directory.resolve("packs"))) {
      for (long id = 1; id <= 10; id++) {
        one.append(id, 0, random(SMALL, id), true);
      }
      one.store.close();
      int record = PackFormat.headerBytes(SMALL) + SMALL;
      Path pack = one.files(".pack").get(0);
      one.storage.failReads = pack::equals;
      one.storage.failReadsFrom = 3L * record;
      one.storage.failReadsTo = 3L * record + 10;
      one.open();
      assertEquals(Set.of(1L, 2L, 3L, 5L, 6L, 7L, 8L, 9L, 10L), Set.copyOf(one.listing().keySet()));
      one.assertHolds(5, random(SMALL, 5));
      one.store.delete(one.listing().keySet());
      one.store.tend();
      assertTrue(Files.exists(pack));
      one.storage.failReads = file -> false;
      one.reopen();
      one.assertHolds(4, random(SMALL, 4));
    }
  }

  @Test
  void anUnreadableRecord_thatIsToBeChecked_isListedAndBad() throws IOException {
    try (StoreUnderTest one = new StoreUnderTest(directory.resolve("packs"))) {
      for (long id = 1; id <= 4; id++) {
        one.append(id, 0, random(100_000, id), true);
      }
      one.store.abandon();
      int record = PackFormat.headerBytes(100_000) + 100_000;
      one.storage.failReads = file -> file.toString().endsWith(".pack");
      one.storage.failReadsFrom = record + 50_000L;
      one.storage.failReadsTo = record + 50_010L;
      one.open();
      assertEquals(List.of(2L), one.bad());
      assertEquals(4, one.store.count());
      one.assertHolds(3, random(100_000, 3));
    }
  }

  @Test
  void aPackThatCannotBeOpened_andTombstonesThatCannotBeRead_doNotCostTheDisk() throws IOException {
    fill();
    long before = t.store.count();
    t.store.delete(List.of(1L, 3L));
    t.store.close();
    t.storage.failReads = file -> file.toString().endsWith(".dead");
    t.open();
    assertTrue(t.store.count() > before - 2);
    t.store.close();
    t.storage.failReads = file -> false;
    t.storage.failOpens = file -> file.toString().endsWith(".pack");
    t.open();
    assertEquals(20, t.store.count());
    assertTrue(t.store.disks().stream().allMatch(disk -> disk.failure().isEmpty()));
  }

  @Test
  void anUnreadableDirectory_makesItsDiskDead_andTheOtherServes() throws IOException {
    fill();
    Set<Long> all = Set.copyOf(listed());
    t.store.close();
    Path broken = t.directories.get(0);
    Path listing = t.files(".data").get(t.files(".data").size() - 1).getParent();
    t.storage.failLists = listing::equals;
    t.open();
    assertEquals("", t.store.disks().get(0).failure());
    assertEquals(broken.toString(), t.store.disks().get(1).path());
    assertTrue(t.store.disks().get(1).failure().contains("cannot be read"));
    assertTrue(listed().size() < all.size() && !listed().isEmpty());
    for (long id : listed()) {
      t.assertHolds(id, random(id % 2 == 0 ? LARGE : SMALL, id));
    }
    assertEquals(List.of(), t.bad());
    t.append(100, 0, random(SMALL, 100), true);
    t.storage.failLists = file -> false;
    t.reopen();
    assertTrue(listed().containsAll(all));
  }

  @Test
  void aDiskThatIsNotThere_isDead_butNotWhenOnlyItCouldSayWhoseTheyAre() throws IOException {
    t.store.close();
    String uuid = t.store.identity().serverUuid();
    Path gone = t.directories.get(1);
    Files.move(gone, directory.resolve("elsewhere"));
    Files.createFile(gone);
    t.open();
    assertEquals(uuid, t.store.identity().serverUuid());
    assertTrue(t.store.disks().get(1).failure().contains("cannot be"));
    t.store.close();
    Files.delete(t.directories.get(0).resolve("identity"));
    var e = fails(ErrorCode.INVALID, () -> t.open());
    assertTrue(e.getMessage().contains("says whose it is"), e.getMessage());
  }

  @Test
  void withoutAnyDisk_theStartFails_andSaysWhy() {
    t.store.close();
    t.storage.failLists = file -> file.endsWith("chunks");
    var e = fails(ErrorCode.INVALID, () -> t.open());
    assertTrue(e.getMessage().contains("no data directory can be used"), e.getMessage());
    assertTrue(e.getMessage().contains("two cannot be read"), e.getMessage());
    t.storage.failLists = file -> false;
  }
}
