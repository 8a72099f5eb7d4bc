package dev.cairn.master.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of tables that are in use. */
final class CheckpointTest {

  private static final byte[] COUNT = Layout.u64(0);

  @TempDir Path directory;

  @Test
  void whileWritesGoOn_aCheckpointHasAllThatWereBeforeAndEachWhole() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong written = new AtomicLong();
    try (RocksStore store = RocksStore.open(directory.resolve("tables"))) {
      CompletableFuture<Void> writing =
          CompletableFuture.runAsync(() -> writeUntil(over, store, written, random));
      try {
        for (int i = 0; i < 5; i++) {
          long least = written.get();
          try (Checkpoint copy = store.checkpoint(directory.resolve("copy-" + i))) {
            try (ReadOnlyTables tables =
                ReadOnlyTables.open(copy.directory(), directory.resolve("scratch"))) {
              assertWhole(tables, least, "seed " + seed);
              tables.verifyChecksums();
            }
            assertEquals(copy.files(), Checkpoint.in(copy.directory()).files());
            assertWhole(copy.directory(), least, "seed " + seed);
          }
          assertFalse(Files.exists(directory.resolve("copy-" + i)));
        }
      } finally {
        over.set(true);
        writing.join();
      }
    }
    assertWhole(directory.resolve("tables"), written.get(), "seed " + seed);
  }

  private static void writeUntil(
      AtomicBoolean over, RocksStore store, AtomicLong written, Random random) {
    try {
      while (!over.get()) {
        Overlay changes = new Overlay(store);
        byte[] number = Layout.u64(written.get() + 1);
        changes.put(Table.INODES, number, new byte[random.nextInt(2000)]);
        changes.put(Table.EXTENTS, number, new byte[0]);
        changes.put(Table.META, COUNT, number);
        store.write(changes);
        written.incrementAndGet();
        if (random.nextInt(50) == 0) {
          store.force();
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertWhole(Path copy, long least, String seed) throws IOException {
    try (RocksStore store = RocksStore.open(copy)) {
      assertWhole(store, least, seed);
      assertEquals("", store.loss(), seed);
    }
  }

  private static void assertWhole(Tables tables, long least, String seed) {
    byte[] value = tables.get(Table.META, COUNT);
    long count = value == null ? 0 : Layout.u64At(value, 0);
    assertTrue(count >= least, seed + ": " + count + " of " + least);
    assertEquals(count, rows(tables, Table.INODES), seed);
    assertEquals(count, rows(tables, Table.EXTENTS), seed);
  }

  private static long rows(Tables store, Table table) {
    long rows = 0;
    try (Cursor cursor = store.cursor(table, Layout.ALL)) {
      for (boolean more = cursor.seek(Layout.ALL); more; more = cursor.next()) {
        rows++;
      }
    }
    return rows;
  }

  @Test
  void aFile_isReadInPieces() throws IOException {
    try (RocksStore store = RocksStore.open(directory.resolve("tables"))) {
      StoreContractTest.Contract.put(store, COUNT, new byte[10_000]);
      try (Checkpoint copy = store.checkpoint(directory.resolve("copy"))) {
        String table =
            copy.files().keySet().stream().filter(name -> name.endsWith(".sst")).findAny().get();
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        byte[] piece = copy.read(table, 0, 100);
        while (piece.length > 0) {
          joined.write(piece);
          piece = copy.read(table, joined.size(), 100);
        }
        assertArrayEquals(
            Files.readAllBytes(copy.directory().resolve(table)), joined.toByteArray());
        assertEquals(0, copy.read(table, Long.MAX_VALUE, 100).length);
      }
    }
  }

  @Test
  void whatIsNoFileOfTheCheckpoint_isNotRead() throws IOException {
    Files.writeString(directory.resolve("secret"), "secret");
    try (RocksStore store = RocksStore.open(directory.resolve("tables"));
        Checkpoint copy = store.checkpoint(directory.resolve("copy"))) {
      for (String name : new String[] {"../secret", "..", ".", "", "/etc/passwd", "none"}) {
        assertThrows(NoSuchFileException.class, () -> copy.read(name, 0, 1), name);
      }
      assertThrows(NoSuchFileException.class, () -> copy.read("CURRENT", -1, 1));
    }
  }

  @Test
  void whatAKilledProcessLeft_isDiscarded() throws IOException {
    for (String name : new String[] {"copy", "copy.tmp"}) {
      Path left = Files.createDirectories(directory.resolve(name));
      Files.writeString(left.resolve("000001.sst"), "left");
    }
    Checkpoint.discard(directory.resolve("copy"));
    assertFalse(Files.exists(directory.resolve("copy")));
    assertFalse(Files.exists(directory.resolve("copy.tmp")));
    Checkpoint.discard(directory.resolve("copy"));
  }
}
