package dev.cairn.chunkserver.store;

import static dev.cairn.chunkserver.store.StoreUnderTest.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Descriptors of packs, of which a server may have more than a process may have files. */
final class OpenPacksTest {

  private static final int PACKS = 2000;
  // Beside the packs: what is being written, and the disk's own files.
  private static final int OTHERS = 10;

  @TempDir Path directory;

  @Test
  void thousandsOfPacks_needFewDescriptors() throws IOException {
    try (StoreUnderTest t = new StoreUnderTest(directory.resolve("disk"))) {
      t.packBytes = 1;
      t.reopen();
      for (long id = 1; id <= PACKS; id++) {
        t.append(id, 0, random(100, id), true);
      }
      assertEquals(PACKS, t.files(".pack").size());
      // None that is not forced is closed.
      t.store.tend();
      t.storage.mostOpen.set(0);
      for (int start = 0; start < 2; start++) {
        for (long id = 1; id <= PACKS; id++) {
          t.assertHolds(id, random(100, id));
        }
        t.reopen();
      }
      int most = t.storage.mostOpen.get();
      assertTrue(most <= StoreUnderTest.OPEN_PACKS + OTHERS, "open at once: " + most);
      t.store.delete(List.of(1L, 2L));
      t.store.tend();
      assertEquals(PACKS - 2, t.files(".pack").size());
      t.store.close();
      assertEquals(0, t.storage.open.get());
      t.open();
    }
  }

  @Test
  void aPackThatIsNotForced_staysOpen() throws IOException {
    FaultyStorage storage = new FaultyStorage();
    OpenPacks packs = new OpenPacks(1);
    try (PackFile first = PackFile.create(storage, directory.resolve("1"), packs);
        PackFile second = PackFile.create(storage, directory.resolve("2"), packs)) {
      first.write(ByteBuffer.allocate(10), 0);
      second.size();
      assertEquals(2, storage.open.get());
      first.force();
      assertEquals(1, storage.open.get());
      assertEquals(10, first.size());
    }
    assertEquals(0, storage.open.get());
  }
}
