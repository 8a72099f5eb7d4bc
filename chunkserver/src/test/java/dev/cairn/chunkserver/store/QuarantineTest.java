package dev.cairn.chunkserver.store;

import static dev.cairn.chunkserver.store.StoreUnderTest.fails;
import static dev.cairn.chunkserver.store.StoreUnderTest.flip;
import static dev.cairn.chunkserver.store.StoreUnderTest.random;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.Check;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Replicas that are put aside: gone for everybody, and there for a time. */
final class QuarantineTest {

  private static final int LARGE = 400_000;
  private static final int SMALL = 1000;

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

  private DiskReport disk() {
    return t.store.disks().get(0);
  }

  private List<Path> aside() {
    Path root = t.directories.get(0).resolve("quarantine");
    return t.files("").stream().filter(f -> f.startsWith(root) && Files.isRegularFile(f)).toList();
  }

  private void tend() {
    t.store.tend();
    t.store.tendQuarantines();
  }

  @Test
  void whatIsPutAside_isNeitherServedNorReported_andCounted_alsoAfterARestart() throws IOException {
    t.append(1, 0, random(LARGE, 1), true);
    t.append(2, 0, random(SMALL, 2), true);
    t.append(3, 0, random(SMALL, 3), true);
    t.store.quarantine(List.of(1L, 2L));
    for (int start = 0; start < 2; start++) {
      t.assertMissing(1);
      t.assertMissing(2);
      assertEquals(Map.of(3L, (long) -SMALL), t.listing());
      assertEquals(2, disk().quarantinedChunks());
      assertTrue(disk().quarantinedBytes() > LARGE + SMALL, disk()::toString);
      if (start == 0) {
        assertEquals(List.of(1L, 2L), t.lost());
        t.killAndReopen();
      }
    }
  }

  @Test
  void theHoldTimeOver_itIsDeleted() throws IOException {
    t.append(1, 0, random(LARGE, 1), true);
    t.append(2, 0, random(SMALL, 2), true);
    t.store.quarantine(List.of(1L));
    t.seconds += 1800;
    t.store.quarantine(List.of(2L));
    t.seconds += StoreUnderTest.HOLD.toSeconds();
    tend();
    assertEquals(2, disk().quarantinedChunks());
    t.seconds += 3600;
    tend();
    assertEquals(0, disk().quarantinedChunks());
    assertEquals(0, disk().quarantinedBytes());
    assertEquals(List.of(), aside());
  }

  @Test
  void whileDeletionsAreHeld_itStays_howeverOldItIsAndWhateverRoomIsNeeded() throws IOException {
    t.append(1, 0, random(LARGE, 1), true);
    t.store.quarantine(List.of(1L));
    t.store.keepQuarantine(true);
    t.seconds += StoreUnderTest.HOLD.toSeconds() + 7200;
    tend();
    assertEquals(1, disk().quarantinedChunks());
    t.store.keepQuarantine(false);
    tend();
    assertEquals(0, disk().quarantinedChunks());
  }

  @Test
  void anotherReplicaOfTheChunk_mayComeInItsPlace_andIsNotBad() throws IOException {
    byte[] large = random(LARGE, 1);
    byte[] small = random(SMALL, 2);
    t.append(1, 0, large, true);
    t.append(2, 0, small, true);
    t.store.sync(List.of(1L, 2L));
    flip(t.files(".data").get(0), 100_000);
    flip(t.files(".pack").get(0), 500);
    fails(ErrorCode.CORRUPT, () -> t.read(1, 100_000, 1));
    fails(ErrorCode.CORRUPT, () -> t.read(2, 0, SMALL));
    t.store.quarantine(List.of(1L, 2L));
    assertEquals(List.of(), t.bad());
    t.append(1, 0, large, true);
    t.append(2, 0, small, true);
    t.assertHolds(1, large);
    t.assertHolds(2, small);
    t.reopen();
    assertEquals(List.of(), t.bad());
    t.assertHolds(1, large);
    t.assertHolds(2, small);
    assertEquals(2, disk().quarantinedChunks());
  }

  @Test
  void whatWasPutAsideByMistake_canBeMovedBack() throws IOException {
    byte[] large = random(LARGE, 1);
    byte[] small = random(SMALL, 2);
    t.append(0x4a1, 0, large, true);
    t.append(2, 0, small, true);
    t.store.quarantine(List.of(0x4a1L, 2L));
    t.store.close();
    Path disk = t.directories.get(0);
    for (Path file : aside()) {
      boolean pack = file.toString().endsWith(".pack");
      Files.move(file, disk.resolve(pack ? "packs" : "chunks/a1").resolve(file.getFileName()));
    }
    t.open();
    t.assertHolds(0x4a1, large);
    t.assertHolds(2, small);
  }

  @Test
  void whenRoomRunsShort_theQuarantineGoesFirst_theOldestOfIt() throws IOException {
    t.append(1, 0, random(LARGE, 1), true);
    t.append(2, 0, random(LARGE, 2), true);
    t.store.quarantine(List.of(1L));
    t.seconds += 3600;
    t.store.quarantine(List.of(2L));
    t.storage.totalBytes = 20L * LARGE;
    t.storage.spaceBytes = 10L * LARGE;
    t.storage.deletingFrees = true;
    tend();
    assertEquals(2, disk().quarantinedChunks());
    // Less than a twentieth is free.
    t.storage.spaceBytes = LARGE - 1000;
    tend();
    assertEquals(1, disk().quarantinedChunks());
    assertTrue(aside().get(0).toString().contains("0000000000000002"), aside()::toString);
  }

  @Test
  void aWriteThatFindsNoRoom_takesTheQuarantines() throws IOException {
    t.append(1, 0, random(LARGE, 1), true);
    t.store.quarantine(List.of(1L));
    t.storage.totalBytes = 2L * LARGE;
    t.storage.spaceBytes = LARGE / 4;
    t.storage.deletingFrees = true;
    tend();
    assertEquals(1, disk().quarantinedChunks());
    byte[] bytes = random(LARGE, 2);
    t.append(2, 0, bytes, true);
    assertEquals(0, disk().quarantinedChunks());
    t.assertHolds(2, bytes);
    fails(ErrorCode.NO_SPACE, () -> t.append(3, 0, random(LARGE, 3), true));
    assertFalse(t.listing().containsKey(3L));
  }

  /** Has the deletion of the first file wait, and runs something meanwhile. */
  private static void whileDeleting(FaultyStorage storage, Runnable deletion, Executable meanwhile)
      throws Exception {
    CountDownLatch deleting = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    storage.beforeDelete =
        file -> {
          deleting.countDown();
          Check.that(awaits(goOn), "the test goes on");
        };
    Thread thread = new Thread(deletion, "deleting");
    thread.start();
    try {
      assertTrue(awaits(deleting));
      assertTimeoutPreemptively(Duration.ofSeconds(20), meanwhile);
    } finally {
      goOn.countDown();
      thread.join();
    }
  }

  private static boolean awaits(CountDownLatch latch) {
    try {
      return latch.await(40, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  @Test
  void whileItIsBeingEmptied_nobodyElseWaits() throws Exception {
    t.append(1, 0, random(LARGE, 1), true);
    t.append(2, 0, random(LARGE, 2), true);
    t.store.quarantine(List.of(1L));
    t.seconds += StoreUnderTest.HOLD.toSeconds() + 3600;
    whileDeleting(
        t.storage,
        t.store::tendQuarantines,
        () -> {
          assertEquals(1, disk().quarantinedChunks());
          t.store.quarantine(List.of(2L));
          t.append(3, 0, random(LARGE, 3), true);
          t.store.tend();
          assertEquals(2, disk().quarantinedChunks());
        });
    assertEquals(1, disk().quarantinedChunks());
    assertTrue(aside().get(0).toString().contains("0000000000000002"), aside()::toString);
  }

  @Test
  void whatComesWhileTheSameSecondsDirectoryIsEmptied_isKept() throws Exception {
    FaultyStorage storage = new FaultyStorage();
    Path root = directory.resolve("aside");
    Quarantine quarantine = new Quarantine(storage, root, Duration.ZERO, () -> 1000);
    quarantine.takeRecord(1, new int[1], ByteBuffer.allocate(10));
    whileDeleting(
        storage,
        () -> assertDoesNotThrow(quarantine::deleteTheOld),
        () -> quarantine.takeRecord(2, new int[1], ByteBuffer.allocate(10)));
    assertEquals(1, quarantine.chunks());
    assertEquals(1, new Quarantine(storage, root, Duration.ZERO, () -> 1000).chunks());
  }

  @Test
  void muchOfIt_isDeletedSomeFilesAtATime_andCountedUntilAllIsGone() throws IOException {
    FaultyStorage storage = new FaultyStorage();
    Path root = directory.resolve("aside");
    Path shed = Files.createDirectories(root.resolve("1000"));
    for (int i = 0; i < 600; i++) {
      Files.write(shed.resolve(i + ".data"), new byte[10]);
    }
    Quarantine quarantine = new Quarantine(storage, root, Duration.ZERO, () -> 1000);
    quarantine.deleteTheOld();
    assertEquals(100, storage.list(shed).size());
    assertEquals(6000, quarantine.bytes());
    quarantine.deleteTheOld();
    assertEquals(List.of(), storage.list(root));
    assertEquals(0, quarantine.bytes());
    assertEquals(0, quarantine.chunks());
  }
}
