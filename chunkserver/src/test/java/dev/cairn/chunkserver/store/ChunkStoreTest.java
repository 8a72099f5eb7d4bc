package dev.cairn.chunkserver.store;

import static dev.cairn.chunkserver.store.StoreUnderTest.fails;
import static dev.cairn.chunkserver.store.StoreUnderTest.random;
import static dev.cairn.chunkserver.store.StoreUnderTest.slice;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.error.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a store promises when nothing is broken, or the whole disk is. */
final class ChunkStoreTest {

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

  @Test
  void append_ofAWholeSmallChunk_makesNoFileOfItsOwn() throws IOException {
    for (int id = 1; id <= 100; id++) {
      t.append(id, 0, random(4096, id), true);
    }
    assertEquals(1, t.files(".pack").size());
    assertEquals(0, t.files(".data").size());
    t.assertHolds(50, random(4096, 50));
    t.killAndReopen();
    t.assertHolds(50, random(4096, 50));
    assertEquals(100, t.store.count());
  }

  @Test
  void directoriesOnOneFilesystem_sayThatTheyShareIt() throws IOException {
    try (StoreUnderTest two =
        new StoreUnderTest(directory.resolve("one"), directory.resolve("two"))) {
      String shared = two.store.disks().get(0).filesystem();
      assertFalse(shared.isEmpty());
      assertEquals(shared, two.store.disks().get(1).filesystem());
    }
  }

  @Test
  void append_inPieces_keepsTheChecksumOfTheBlockSoFar() throws IOException {
    byte[] bytes = random(300_000, 1);
    for (int at = 0; at < bytes.length; at += 7_001) {
      int length = Math.min(7_001, bytes.length - at);
      t.append(1, at, slice(bytes, at, length), false);
      t.assertHolds(1, slice(bytes, 0, at + length));
    }
    t.append(1, bytes.length, new byte[0], true);
    fails(ErrorCode.NOT_AT_END, () -> t.append(1, bytes.length, new byte[1], false));
    t.reopen();
    t.assertHolds(1, bytes);
    assertEquals(Map.of(1L, -300_000L), t.listing());
  }

  @Test
  void append_thatGrowsASealedChunk_goesOnWhereItEnded_alsoAfterACrash() throws IOException {
    byte[] bytes = random(200_000, 3);
    t.grow(1, 0, slice(bytes, 0, 70_001));
    t.assertHolds(1, slice(bytes, 0, 70_001));
    fails(ErrorCode.NOT_AT_END, () -> t.append(1, 70_001, new byte[1], false));
    fails(ErrorCode.NOT_AT_END, () -> t.grow(1, 70_000, new byte[1]));
    t.store.tend();
    t.grow(1, 70_001, slice(bytes, 70_001, 29_999));
    t.killAndReopen();
    t.assertHolds(1, slice(bytes, 0, 100_000));
    t.grow(1, 100_000, slice(bytes, 100_000, 50_000));
    t.reopen();
    t.grow(1, 150_000, slice(bytes, 150_000, 50_000));
    t.assertHolds(1, bytes);
    assertEquals(Map.of(1L, -200_000L), t.listing());
  }

  @Test
  void append_thatWouldGrowARecordOfAPack_isRefused() throws IOException {
    t.append(1, 0, random(100, 1), true);
    fails(ErrorCode.NOT_AT_END, () -> t.grow(1, 100, new byte[1]));
    t.assertHolds(1, random(100, 1));
  }

  @Test
  void append_afterARestart_goesOnWhereItEnded() throws IOException {
    byte[] bytes = random(200_000, 1);
    t.append(1, 0, slice(bytes, 0, 100_001), false);
    t.killAndReopen();
    t.append(1, 100_001, slice(bytes, 100_001, 50_000), false);
    t.reopen();
    t.append(1, 150_001, slice(bytes, 150_001, 49_999), true);
    t.assertHolds(1, bytes);
  }

  @Test
  void append_thatDoesNotBeginAtTheEnd_isRefused() throws IOException {
    t.append(1, 0, random(1000, 1), false);
    t.append(2, 0, random(1000, 2), true);
    fails(ErrorCode.NOT_AT_END, () -> t.append(1, 0, random(1000, 1), false));
    fails(ErrorCode.NOT_AT_END, () -> t.append(1, 0, random(1000, 1), true));
    fails(ErrorCode.NOT_AT_END, () -> t.append(1, 1001, random(1000, 1), false));
    fails(ErrorCode.NOT_AT_END, () -> t.append(2, 0, random(1000, 2), true));
    fails(ErrorCode.NOT_AT_END, () -> t.append(2, 1000, random(1000, 2), false));
    fails(ErrorCode.NO_CHUNK, () -> t.append(3, 1000, random(1000, 2), false));
    t.assertHolds(1, random(1000, 1));
    t.assertHolds(2, random(1000, 2));
  }

  @Test
  void append_withBytesThatDoNotMatch_changesNothing() {
    ByteBuffer bytes = ByteBuffer.wrap(random(100_000, 1));
    Part part = Part.ofBytes(1, 0, bytes, false);
    bytes.put(70_000, (byte) (bytes.get(70_000) + 1));
    fails(ErrorCode.CORRUPT, () -> t.store.append(List.of(part), bytes));
    t.assertMissing(1);
    assertEquals(0, t.store.count());
  }

  @Test
  void blocks_givenBeforeAnAppend_areAsTheyWere() throws IOException {
    byte[] bytes = random(100_000, 1);
    t.append(1, 0, slice(bytes, 0, 70_000), false);
    try (BlockRun run = t.store.blocks(1, 66_000, 10)) {
      t.append(1, 70_000, slice(bytes, 70_000, 30_000), false);
      ByteBuffer into = ByteBuffer.allocate(run.length());
      run.read(into);
      assertEquals(65_536, run.offset());
      assertArrayEquals(slice(bytes, 65_536, 70_000 - 65_536), into.array());
    }
  }

  @Test
  void delete_ofEveryKind_removesItForGood() throws IOException {
    t.append(1, 0, random(1000, 1), true);
    t.append(2, 0, random(1000, 2), true);
    t.append(3, 0, random(300_000, 3), true);
    t.append(4, 0, random(1000, 4), false);
    try (BlockRun run = t.store.blocks(3, 0, 300_000)) {
      t.store.delete(List.of(1L, 3L, 4L, 99L));
      // Who reads meanwhile is not disturbed.
      ByteBuffer into = ByteBuffer.allocate(300_000);
      run.read(into);
      assertArrayEquals(random(300_000, 3), into.array());
    }
    assertEquals(List.of(1L, 3L, 4L, 99L), t.lost());
    t.killAndReopen();
    assertEquals(Map.of(2L, -1000L), t.listing());
    t.assertMissing(3);
    assertEquals(0, t.files(".data").size());
  }

  @Test
  void tend_removesPacksWithoutLiveChunks() throws IOException {
    List<Long> ids = new ArrayList<>();
    for (long id = 1; id <= 40; id++) {
      t.append(id, 0, random(100_000, id), true);
      ids.add(id);
    }
    assertTrue(t.files(".pack").size() >= 4);
    t.store.tend();
    t.store.delete(ids);
    t.store.tend();
    assertEquals(0, t.files(".pack").size());
    assertEquals(0, t.files(".dead").size());
    t.append(100, 0, random(1000, 100), true);
    t.reopen();
    assertEquals(Map.of(100L, -1000L), t.listing());
  }

  @Test
  void tend_rewritesPacksThatAreMostlyDead() throws IOException {
    List<Long> dead = new ArrayList<>();
    for (long id = 1; id <= 44; id++) {
      t.append(id, 0, random(100_000, id), true);
      if (id % 4 != 0) {
        dead.add(id);
      }
    }
    int before = t.files(".pack").size();
    t.store.delete(dead);
    try (BlockRun run = t.store.blocks(4, 0, 100_000)) {
      for (int round = 0; round < 5; round++) {
        t.store.tend();
      }
      ByteBuffer into = ByteBuffer.allocate(100_000);
      run.read(into);
      assertArrayEquals(random(100_000, 4), into.array());
    }
    assertTrue(t.files(".pack").size() < before);
    for (int reopened = 0; reopened < 2; reopened++) {
      for (long id = 4; id <= 44; id += 4) {
        t.assertHolds(id, random(100_000, id));
      }
      assertEquals(11, t.store.count());
      t.killAndReopen();
    }
  }

  @Test
  void append_toAFullDisk_isNoSpaceAndTheDiskLives() throws IOException {
    byte[] bytes = random(100_000, 1);
    t.append(1, 0, bytes, false);
    t.append(2, 0, random(1000, 2), true);
    t.storage.spaceBytes = 50_000;
    // The store learns it from the failing write, with half of the bytes written.
    fails(ErrorCode.NO_SPACE, () -> t.append(1, 100_000, bytes, false));
    fails(ErrorCode.NO_SPACE, () -> t.append(3, 0, bytes, true));
    fails(ErrorCode.NO_SPACE, () -> t.append(4, 0, bytes, false));
    t.assertHolds(1, bytes);
    t.assertHolds(2, random(1000, 2));
    assertEquals("", t.store.disks().get(0).failure());
    t.storage.spaceBytes = 100;
    t.store.delete(List.of(2L));
    t.storage.spaceBytes = 1 << 20;
    t.store.tend();
    t.append(5, 0, bytes, true);
    t.killAndReopen();
    t.assertHolds(1, bytes);
    t.assertHolds(5, bytes);
    assertEquals(List.of(1L, 5L), List.copyOf(t.listing().keySet()));
    assertEquals(List.of(), t.bad());
  }

  @Test
  void append_inARunThatFillsTheDisk_leavesWhatIsWhole() throws IOException {
    List<Part> parts = new ArrayList<>();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int id = 1; id <= 100; id++) {
      byte[] bytes = random(20_000, id);
      parts.add(Part.ofBytes(id, 0, ByteBuffer.wrap(bytes), true));
      all.writeBytes(bytes);
    }
    t.storage.spaceBytes = 1_500_000;
    fails(ErrorCode.NO_SPACE, () -> t.store.append(parts, ByteBuffer.wrap(all.toByteArray())));
    for (long id : t.listing().keySet()) {
      t.assertHolds(id, random(20_000, id));
    }
    t.storage.spaceBytes = 1 << 30;
    t.store.tend();
    t.append(200, 0, random(20_000, 200), true);
    t.killAndReopen();
    t.assertHolds(200, random(20_000, 200));
    for (long id : t.listing().keySet()) {
      t.assertHolds(id, random(20_000, id));
    }
  }

  @Test
  void sync_thatFails_makesTheDiskDeadAndItsChunksLost() throws IOException {
    t.append(1, 0, random(1000, 1), true);
    t.append(2, 0, random(1000, 2), false);
    t.storage.failForces = file -> true;
    fails(ErrorCode.IO, () -> t.store.sync(List.of(2L)));
    t.storage.failForces = file -> false;
    fails(ErrorCode.IO, () -> t.store.sync(List.of(2L)));
    fails(ErrorCode.IO, () -> t.store.sync(List.of(1L)));
    fails(ErrorCode.IO, () -> t.append(3, 0, random(1000, 3), true));
    assertFalse(t.store.disks().get(0).failure().isEmpty());
    assertEquals(0, t.store.disks().get(0).freeBytes());
    t.store.tend();
    assertEquals(0, t.store.count());
    assertEquals(List.of(1L, 2L), t.lost().stream().sorted().toList());
  }

  @Test
  void append_whenOneOfTwoDisksFails_goesToTheOther() throws IOException {
    try (StoreUnderTest two =
        new StoreUnderTest(directory.resolve("one"), directory.resolve("two"))) {
      Path broken = two.directories.get(0);
      two.storage.failWrites = file -> file.startsWith(broken);
      for (long id = 1; id <= 40; id++) {
        two.append(id, 0, random(1000, id), id % 2 == 0);
      }
      two.store.tend();
      assertFalse(two.store.disks().get(0).failure().isEmpty());
      assertEquals("", two.store.disks().get(1).failure());
      for (long id = 1; id <= 40; id++) {
        two.assertHolds(id, random(1000, id));
      }
    }
  }

  @Test
  void read_thatFailsOnAHealthyDisk_condemnsTheChunkAlone() throws IOException {
    t.append(1, 0, random(1000, 1), false);
    t.append(2, 0, random(1000, 2), true);
    t.storage.failReads = file -> file.toString().endsWith(".data");
    fails(ErrorCode.CORRUPT, () -> t.read(1, 0, 10));
    assertEquals(List.of(1L), t.bad());
    t.assertHolds(2, random(1000, 2));
    assertEquals("", t.store.disks().get(0).failure());
    t.storage.failWrites = file -> true;
    t.storage.failReads = file -> true;
    fails(ErrorCode.IO, () -> t.read(2, 0, 10));
    assertFalse(t.store.disks().get(0).failure().isEmpty());
  }

  @Test
  void open_ofADirectoryInUse_isRefused() {
    var e = fails(ErrorCode.BUSY, () -> new StoreUnderTest(directory.resolve("disk")));
    assertTrue(e.getMessage().contains("in use"), e.getMessage());
  }

  @Test
  void open_ofDirectoriesOfTwoServers_isRefused() throws IOException {
    Path other = directory.resolve("other");
    new StoreUnderTest(other).close();
    t.store.close();
    fails(ErrorCode.INVALID, () -> new StoreUnderTest(directory.resolve("disk"), other));
    t.open();
  }

  @Test
  void join_ofAnotherCluster_isRefused() throws IOException {
    t.store.identity().join("first");
    t.reopen();
    assertEquals("first", t.store.identity().clusterId());
    fails(ErrorCode.OTHER_CLUSTER, () -> t.store.identity().join("second"));
  }

  /** Appends, deletes, restarts and kills at random, against a map of what must be there. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void anyOperations_leaveWhatTheModelSays(long seed) throws IOException {
    Random random = new Random(seed);
    Map<Long, byte[]> model = new HashMap<>();
    Map<Long, Boolean> sealed = new HashMap<>();
    long nextId = 1;
    for (int step = 0; step < 600; step++) {
      String where = "seed " + seed + ", step " + step;
      int dice = random.nextInt(100);
      List<Long> ids = new ArrayList<>(model.keySet());
      long some = ids.isEmpty() ? 0 : ids.get(random.nextInt(ids.size()));
      if (dice < 35 || ids.isEmpty()) {
        byte[] bytes = random(1 + random.nextInt(random.nextInt(4) == 0 ? 200_000 : 5_000), step);
        boolean seal = random.nextBoolean();
        t.append(nextId, 0, bytes, seal);
        model.put(nextId, bytes);
        sealed.put(nextId++, seal);
      } else if (dice < 60 && !sealed.get(some)) {
        byte[] old = model.get(some);
        byte[] more = random(random.nextInt(100_000), step);
        boolean seal = random.nextInt(4) == 0;
        t.append(some, old.length, more, seal);
        byte[] all = java.util.Arrays.copyOf(old, old.length + more.length);
        System.arraycopy(more, 0, all, old.length, more.length);
        model.put(some, all);
        sealed.put(some, seal);
      } else if (dice < 70) {
        t.store.delete(List.of(some));
        model.remove(some);
        sealed.remove(some);
      } else if (dice < 75) {
        t.store.sync(ids);
      } else if (dice < 80) {
        t.store.tend();
      } else if (dice < 83) {
        t.reopen();
      } else if (dice < 86) {
        t.killAndReopen();
      } else {
        byte[] bytes = model.get(some);
        int from = random.nextInt(bytes.length);
        int length = 1 + random.nextInt(bytes.length - from);
        assertArrayEquals(slice(bytes, from, length), t.read(some, from, length), where);
      }
      assertEquals(model.size(), t.store.count(), where);
    }
    for (Map.Entry<Long, byte[]> entry : model.entrySet()) {
      t.assertHolds(entry.getKey(), entry.getValue());
    }
    assertEquals(List.of(), t.bad());
    assertTrue(Files.exists(t.directories.get(0).resolve("identity")));
  }
}
