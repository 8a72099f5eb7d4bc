package dev.cairn.chunkserver.store;

import static dev.cairn.chunkserver.store.StoreUnderTest.fails;
import static dev.cairn.chunkserver.store.StoreUnderTest.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A failed write, judged by what the disk still does: the words of the error say nothing. */
final class FullDiskTest {

  @TempDir Path directory;
  private StoreUnderTest t;

  @BeforeEach
  void open() throws IOException {
    t = new StoreUnderTest(directory.resolve("disk"));
    t.append(1, 0, random(100_000, 1), false);
    t.append(2, 0, random(1000, 2), true);
  }

  @AfterEach
  void close() {
    t.close();
  }

  private void assertServes() throws IOException {
    assertEquals("", t.store.disks().get(0).failure());
    t.store.tend();
    assertEquals("", t.store.disks().get(0).failure());
    t.assertHolds(1, random(100_000, 1));
    t.assertHolds(2, random(1000, 2));
  }

  @Test
  void withoutRoom_itIsFull_inAnyLanguage() throws IOException {
    t.storage.spaceBytes = 1000;
    fails(ErrorCode.NO_SPACE, () -> t.append(3, 0, random(400_000, 3), true));
    fails(ErrorCode.NO_SPACE, () -> t.append(1, 100_000, random(10_000, 3), false));
    assertServes();
  }

  @Test
  void aQuota_makesItFull_andItIsTriedAgainAfterSomeTime() throws IOException {
    t.storage.failGrowth = true;
    fails(ErrorCode.NO_SPACE, () -> t.append(3, 0, random(400_000, 3), true));
    fails(ErrorCode.NO_SPACE, () -> t.append(4, 0, random(1000, 4), true));
    assertServes();
    assertEquals(0, t.store.disks().get(0).freeBytes());
    t.storage.failGrowth = false;
    for (int look = 0; look < 31; look++) {
      t.store.tend();
    }
    t.append(4, 0, random(1000, 4), true);
    t.assertHolds(4, random(1000, 4));
    assertServes();
  }

  @Test
  void aDiskThatTakesNothing_isDead() {
    t.storage.failWrites = file -> true;
    fails(ErrorCode.IO, () -> t.append(3, 0, random(1000, 3), true));
    assertFalse(t.store.disks().get(0).failure().isEmpty());
  }

  @Test
  void aProcessWithoutDescriptors_doesNotCostTheDisk() throws IOException {
    t.storage.failOpens = file -> true;
    t.storage.lacksDescriptors = true;
    var e = fails(ErrorCode.IO, () -> t.append(3, 0, random(400_000, 3), true));
    assertTrue(e.getMessage().contains("too many open files"), e.getMessage());
    t.storage.failOpens = file -> false;
    t.storage.lacksDescriptors = false;
    assertServes();
  }

  @Test
  void theRoomOfThisMachine_isFoundOut_andThatOfNoDirectoryIsNot() throws IOException {
    LocalStorage local = new LocalStorage();
    assertTrue(local.totalBytes(directory) > local.usableBytes(directory));
    assertFalse(local.lacksDescriptors());
    Path gone = directory.resolve("gone");
    assertThrows(IOException.class, () -> local.usableBytes(gone));
  }
}
