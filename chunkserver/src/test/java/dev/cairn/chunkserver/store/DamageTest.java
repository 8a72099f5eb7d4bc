package dev.cairn.chunkserver.store;

import static dev.cairn.chunkserver.store.StoreUnderTest.cut;
import static dev.cairn.chunkserver.store.StoreUnderTest.fails;
import static dev.cairn.chunkserver.store.StoreUnderTest.flip;
import static dev.cairn.chunkserver.store.StoreUnderTest.random;
import static dev.cairn.chunkserver.store.StoreUnderTest.slice;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Torn and flipped bytes at every kind of place: what is served is right, or it is an error. */
final class DamageTest {

  private static final int BLOCK = 65_536;

  @TempDir Path directory;
  private StoreUnderTest t;

  @BeforeEach
  void open() throws IOException {
    t = new StoreUnderTest(directory.resolve("disk"));
  }

  @AfterEach
  void close() {
    t.close();
  }

  private Path only(String ending) {
    List<Path> files = t.files(ending);
    assertEquals(1, files.size(), files.toString());
    return files.get(0);
  }

  @Test
  void aFlippedByteInAnOwnFile_costsItsBlockAlone_andIsRemembered() throws IOException {
    byte[] bytes = random(300_000, 1);
    t.append(1, 0, bytes, true);
    t.reopen();
    flip(only(".data"), 100_000);
    fails(ErrorCode.CORRUPT, () -> t.read(1, 70_000, 10));
    assertArrayEquals(slice(bytes, 0, BLOCK), t.read(1, 0, BLOCK));
    assertArrayEquals(slice(bytes, 200_000, 100_000), t.read(1, 200_000, 100_000));
    assertEquals(List.of(1L), t.bad());
    t.store.findings().told(t.store.findings().untold(10));
    fails(ErrorCode.CORRUPT, () -> t.read(1, 70_000, 10));
    assertEquals(List.of(), t.bad());
    t.reopen();
    assertEquals(List.of(1L), t.bad());
    t.store.delete(List.of(1L));
    t.reopen();
    assertEquals(List.of(), t.bad());
  }

  @Test
  void aFlippedByteInASealedChunkThatWasNotForced_isFoundAtTheStart() throws IOException {
    byte[] bytes = random(300_000, 1);
    t.append(1, 0, bytes, true);
    t.store.abandon();
    flip(only(".data"), 100_000);
    t.open();
    assertEquals(List.of(1L), t.bad());
    assertEquals(Map.of(1L, -300_000L), t.listing());
    assertArrayEquals(slice(bytes, 0, BLOCK), t.read(1, 0, BLOCK));
    fails(ErrorCode.CORRUPT, () -> t.read(1, 100_000, 1));
  }

  @Test
  void aTornTailOfData_isNotServed_stays_andTakesNoMoreBytes() throws IOException {
    byte[] bytes = random(300_000, 1);
    t.append(1, 0, slice(bytes, 0, 200_000), false);
    t.append(1, 200_000, slice(bytes, 200_000, 50_000), false);
    t.append(1, 250_000, slice(bytes, 250_000, 50_000), false);
    t.store.abandon();
    // Data behind 250,000 belongs to the last append, which did not all get to the disk.
    cut(only(".data"), 10);
    t.open();
    long length = t.listing().get(1L);
    assertTrue(length >= 250_000 && length < 300_000, "cut back to " + length);
    for (int start = 0; start < 3; start++) {
      t.assertHolds(1, slice(bytes, 0, (int) length));
      assertArrayEquals(slice(bytes, 0, 299_990), Files.readAllBytes(only(".data")));
      fails(ErrorCode.NOT_AT_END, () -> t.append(1, length, random(10, 2), false));
      assertEquals(length, t.listing().get(1L));
      if (start == 1) {
        t.reopen();
      } else {
        t.killAndReopen();
      }
    }
    assertEquals(List.of(), t.bad());
  }

  @Test
  void dataWithoutEntries_isNotServed_andStays() throws IOException {
    byte[] bytes = random(100_000, 1);
    t.append(1, 0, slice(bytes, 0, 70_000), false);
    t.store.abandon();
    Files.write(only(".data"), bytes);
    t.open();
    t.assertHolds(1, slice(bytes, 0, 70_000));
    assertArrayEquals(bytes, Files.readAllBytes(only(".data")));
  }

  @Test
  void entriesWithoutTheirData_areForgotten() throws IOException {
    byte[] bytes = random(100_000, 1);
    t.append(1, 0, slice(bytes, 0, 70_000), false);
    t.append(1, 70_000, slice(bytes, 70_000, 30_000), true);
    t.store.abandon();
    cut(only(".data"), 30_000);
    t.open();
    assertEquals(Map.of(1L, 70_000L), t.listing());
    t.assertHolds(1, slice(bytes, 0, 70_000));
    assertEquals(List.of(), t.bad());
  }

  @Test
  void aTornEntry_costsItsAppendAlone_whoseBytesStay() throws IOException {
    byte[] bytes = random(100_000, 1);
    t.append(1, 0, slice(bytes, 0, 70_000), false);
    t.append(1, 70_000, slice(bytes, 70_000, 1_000), false);
    t.store.abandon();
    cut(only(".sums"), 5);
    t.open();
    t.assertHolds(1, slice(bytes, 0, 70_000));
    assertArrayEquals(slice(bytes, 0, 71_000), Files.readAllBytes(only(".data")));
    t.killAndReopen();
    t.assertHolds(1, slice(bytes, 0, 70_000));
    assertEquals(List.of(), t.bad());
  }

  @Test
  void aSealWhoseDataDidNotReachTheDisk_isTakenBack() throws IOException {
    byte[] bytes = random(100_000, 1);
    t.append(1, 0, slice(bytes, 0, BLOCK), false);
    t.append(1, BLOCK, slice(bytes, BLOCK, 100_000 - BLOCK), true);
    t.store.abandon();
    cut(only(".data"), 100);
    t.open();
    assertEquals(Map.of(1L, (long) BLOCK), t.listing());
    t.reopen();
    assertEquals(Map.of(1L, (long) BLOCK), t.listing());
    t.assertHolds(1, slice(bytes, 0, BLOCK));
  }

  @Test
  void dataThatWasOnTheDisk_andIsShorterNow_isBad_andTheRestServed() throws IOException {
    byte[] bytes = random(300_000, 1);
    t.append(1, 0, bytes, true);
    t.reopen();
    t.store.close();
    cut(only(".data"), 100_000);
    t.open();
    assertEquals(List.of(1L), t.bad());
    assertEquals(200_000, Files.size(only(".data")));
    assertArrayEquals(slice(bytes, 0, 3 * BLOCK), t.read(1, 0, 3 * BLOCK));
  }

  /** Any byte of the log may be wrong: what is served is right, and most of it is served. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aFlippedByteInTheSums_neverLetsAWrongByteOut(long seed) throws IOException {
    Random random = new Random(seed);
    byte[] bytes = random(300_000, seed);
    for (int round = 1; round <= 20; round++) {
      t.append(round, 0, slice(bytes, 0, 150_000), false);
      t.append(round, 150_000, slice(bytes, 150_000, 150_000), true);
      if (random.nextBoolean()) {
        t.reopen();
      }
      t.store.abandon();
      Path sums = only(".sums");
      flip(sums, random.nextInt((int) Files.size(sums)));
      t.open();
      assertNeverWrong(round, bytes);
      t.store.delete(List.of((long) round));
    }
  }

  private void assertNeverWrong(long id, byte[] bytes) throws CairnException {
    Long listed = t.listing().get(id);
    long length = listed == null ? 0 : Math.abs(listed);
    for (int at = 0; at < length; at += BLOCK) {
      int count = (int) Math.min(BLOCK, length - at);
      try {
        assertArrayEquals(slice(bytes, at, count), t.read(id, at, count));
      } catch (CairnException e) {
        assertEquals(ErrorCode.CORRUPT, e.code());
      }
    }
  }

  @Test
  void anAppendBehindABlockWithoutAChecksum_isRefused_asOftenAsItIsTried() throws IOException {
    byte[] bytes = random(300_000, 1);
    t.append(1, 0, bytes, true);
    t.reopen();
    t.store.abandon();
    // The entry of the fifth block, which is the last and not full.
    flip(only(".sums"), 4 * 16);
    t.open();
    fails(ErrorCode.CORRUPT, () -> t.grow(1, 300_000, random(10, 2)));
    fails(ErrorCode.CORRUPT, () -> t.grow(1, 300_000, random(10, 2)));
  }

  @Test
  void aFlippedByteInAPackedPayload_isNeverServed() throws IOException {
    for (long id = 1; id <= 10; id++) {
      t.append(id, 0, random(100_000, id), true);
    }
    t.reopen();
    flip(only(".pack"), 250_000);
    fails(ErrorCode.CORRUPT, () -> t.read(3, 0, 100_000));
    assertEquals(List.of(3L), t.bad());
    for (long id : List.of(1L, 2L, 4L, 10L)) {
      t.assertHolds(id, random(100_000, id));
    }
  }

  @Test
  void aFlippedByteInAPackHeader_costsThatRecordAlone() throws IOException {
    int record = 20 + 4 + 1000;
    for (long id = 1; id <= 10; id++) {
      t.append(id, 0, random(1000, id), true);
    }
    t.reopen();
    for (int offset = 0; offset < 24; offset++) {
      t.store.abandon();
      flip(only(".pack"), 3L * record + offset);
      t.open();
      assertEquals(9, t.store.count(), "offset " + offset);
      t.assertMissing(4);
      t.assertHolds(3, random(1000, 3));
      t.assertHolds(5, random(1000, 5));
      flip(only(".pack"), 3L * record + offset);
    }
    // Found damaged while it is in use: an error, and reported.
    t.reopen();
    t.assertHolds(4, random(1000, 4));
    flip(only(".pack"), 3L * record + 5);
    fails(ErrorCode.CORRUPT, () -> t.read(4, 0, 10));
    assertEquals(List.of(4L), t.bad());
  }

  @Test
  void aTornTailOfAPack_losesTheLastRecordAlone_andStays() throws IOException {
    for (int lost : new int[] {1, 999, 1000, 1001, 1023}) {
      try (StoreUnderTest one = new StoreUnderTest(directory.resolve("pack-" + lost))) {
        one.append(1, 0, random(1000, 1), true);
        one.store.sync(List.of(1L));
        one.append(2, 0, random(1000, 2), true);
        one.store.abandon();
        Path pack = one.files(".pack").get(0);
        cut(pack, lost);
        byte[] torn = Files.readAllBytes(pack);
        one.open();
        one.assertMissing(2);
        one.assertHolds(1, random(1000, 1));
        one.append(2, 0, random(1000, 3), true);
        one.store.tend();
        one.killAndReopen();
        one.assertHolds(1, random(1000, 1));
        one.assertHolds(2, random(1000, 3));
        assertArrayEquals(torn, Files.readAllBytes(pack));
        assertEquals(List.of(), one.bad());
      }
    }
  }

  @Test
  void aPackInWhichNothingIsLegible_isPutAside() throws IOException {
    for (long id = 1; id <= 5; id++) {
      t.append(id, 0, random(1000, id), true);
    }
    t.reopen();
    t.store.close();
    Path pack = only(".pack");
    byte[] noise = random((int) Files.size(pack), 9);
    Files.write(pack, noise);
    t.open();
    assertEquals(Map.of(), t.listing());
    t.append(1, 0, random(1000, 1), true);
    t.store.tend();
    assertFalse(Files.exists(pack));
    Path aside =
        t.files(".pack").stream()
            .filter(file -> file.toString().contains("quarantine"))
            .findFirst()
            .orElseThrow();
    assertArrayEquals(noise, Files.readAllBytes(aside));
  }

  @Test
  void aRecordThatDidNotReachTheDisk_isDroppedForGood() throws IOException {
    t.append(1, 0, random(1000, 1), true);
    t.append(2, 0, random(1000, 2), true);
    t.append(3, 0, random(1000, 3), true);
    t.store.abandon();
    flip(only(".pack"), 1024 + 500);
    t.open();
    assertEquals(Map.of(1L, -1000L, 3L, -1000L), t.listing());
    // What is left of it is kept for a time.
    assertEquals(1, t.store.disks().get(0).quarantinedChunks());
    t.reopen();
    assertEquals(Map.of(1L, -1000L, 3L, -1000L), t.listing());
    assertEquals(List.of(), t.bad());
  }

  @Test
  void aFlippedTombstone_letsTheChunkComeBack_andNoOther() throws IOException {
    for (long id = 1; id <= 5; id++) {
      t.append(id, 0, random(1000, id), true);
    }
    t.store.delete(List.of(2L, 4L));
    t.store.abandon();
    flip(only(".dead"), 3);
    t.open();
    assertEquals(List.of(1L, 2L, 3L, 5L), List.copyOf(t.listing().keySet()));
    t.assertHolds(2, random(1000, 2));
    t.store.delete(List.of(2L));
    t.store.abandon();
    cut(only(".dead"), 7);
    t.open();
    assertEquals(List.of(1L, 2L, 3L, 5L), List.copyOf(t.listing().keySet()));
  }

  @Test
  void aPackStoredInAPack_isNotMistakenForRecords() throws IOException {
    t.append(1, 0, random(1000, 1), true);
    t.append(2, 0, random(1000, 2), true);
    t.reopen();
    byte[] pack = Files.readAllBytes(only(".pack"));
    try (StoreUnderTest other = new StoreUnderTest(directory.resolve("other"))) {
      other.append(7, 0, pack, true);
      other.append(8, 0, random(1000, 8), true);
      other.reopen();
      other.store.abandon();
      flip(other.files(".pack").get(0), 2);
      other.open();
      assertEquals(Map.of(8L, -1000L), other.listing());
    }
  }

  @Test
  void aRewriteThatMeetsDamage_keepsThePack() throws IOException {
    for (long id = 1; id <= 12; id++) {
      t.append(id, 0, random(100_000, id), true);
    }
    t.store.tend();
    assertEquals(2, t.files(".pack").size());
    flip(t.files(".pack").get(0), 50_000);
    t.store.delete(List.of(2L, 3L, 4L, 5L, 6L, 7L, 8L));
    for (int round = 0; round < 3; round++) {
      t.store.tend();
    }
    assertEquals(List.of(1L), t.bad());
    assertEquals(2, t.files(".pack").size());
    for (long id : List.of(9L, 10L, 11L, 12L)) {
      t.assertHolds(id, random(100_000, id));
    }
    t.store.delete(List.of(1L));
    t.store.tend();
    assertEquals(1, t.files(".pack").size());
    t.killAndReopen();
    assertEquals(List.of(9L, 10L, 11L, 12L), List.copyOf(t.listing().keySet()));
  }
}
