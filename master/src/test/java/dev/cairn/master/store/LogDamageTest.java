package dev.cairn.master.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Logs that are torn, and logs that are damaged. */
@Timeout(120)
final class LogDamageTest {

  private static final int BATCHES = 400;
  private static final StoreSettings ACCEPTING =
      new StoreSettings(StoreSettings.LEAST_CACHE_BYTES, true, 0);

  @TempDir Path temporary;

  private int copies;

  /** Tables with batches of one row each, in one log file. */
  private Path written(boolean synced) throws IOException {
    Path directory = temporary.resolve("whole" + synced);
    try (RocksStore store = RocksStore.open(directory)) {
      for (int i = 0; i < BATCHES; i++) {
        put(store, i, new byte[300 + i % 7 * 50]);
        if (synced) {
          store.force();
        }
      }
    }
    return directory;
  }

  private static void put(Store store, int number, byte[] value) throws IOException {
    // No zeros: a value whose end was blanked would be as it was.
    Arrays.fill(value, (byte) 1);
    Overlay overlay = new Overlay(store);
    overlay.put(Table.INODES, Layout.u64(number), value);
    store.write(overlay);
  }

  private Path copyOf(Path directory) throws IOException {
    Path copy = Files.createDirectories(temporary.resolve("copy" + copies++));
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }

  private static Path log(Path directory) throws IOException {
    List<LogFile> files = LogFile.in(directory);
    return files.get(files.size() - 1).path();
  }

  private static void flip(Path file, long offset) throws IOException {
    byte[] content = Files.readAllBytes(file);
    content[(int) offset] ^= 0x10;
    Files.write(file, content);
  }

  private static void blank(Path file, long from, int length) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(length), from);
    }
  }

  private static void truncate(Path file, long length) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(length);
    }
  }

  private static String refusal(Path directory, String seed) {
    IOException e = assertThrows(IOException.class, () -> RocksStore.open(directory).close(), seed);
    assertTrue(e.getMessage().contains("--accept-lost-log"), e.getMessage());
    return e.getMessage();
  }

  /** The number of rows, which are the first ones. */
  private static int rows(Store store) {
    int count = 0;
    try (Cursor cursor = store.cursor(Table.INODES, Layout.ALL)) {
      for (boolean more = cursor.seek(Layout.ALL); more; more = cursor.next()) {
        assertEquals(count, Layout.u64At(cursor.key(), 0));
        count++;
      }
    }
    return count;
  }

  @Test
  void aLogOfBatchesOfAllSizes_isReadToItsEnd() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Path directory = temporary.resolve("sizes");
    try (RocksStore store = RocksStore.open(directory)) {
      // Headers of batches are cut by the ends of blocks in every way.
      for (int i = 0; i < 20_000; i++) {
        put(store, i, new byte[random.nextInt(30)]);
      }
      for (int i = 0; i < 100; i++) {
        put(store, i, new byte[random.nextInt(200_000)]);
      }
    }
    for (LogFile file : LogFile.in(directory)) {
      LogScan scan = LogScan.of(file);
      assertNull(scan.hole(), "seed " + seed + ": " + scan);
      assertEquals(scan.size(), scan.end(), "seed " + seed);
    }
    try (RocksStore store = RocksStore.open(directory)) {
      assertEquals(20_000, rows(store), "seed " + seed);
    }
  }

  @Test
  void aFlippedBit_isRefusedAnywhereInTheLog() throws IOException {
    Random random = new Random();
    for (boolean synced : new boolean[] {true, false}) {
      Path whole = written(synced);
      long size = Files.size(log(whole));
      // Of what was not synced, the last batch cannot be told from a torn one.
      long end = synced ? size : size - 700;
      for (int round = 0; round < 60; round++) {
        Path damaged = copyOf(whole);
        long offset = round < 10 ? end - 1 - round : random.nextLong(end);
        flip(log(damaged), offset);
        String refusal = refusal(damaged, "offset " + offset + " of " + size);
        assertTrue(refusal.contains(log(damaged).toString()), refusal);
      }
    }
  }

  @Test
  void blankPages_areRefusedAnywhereInTheLog() throws IOException {
    Random random = new Random();
    for (boolean synced : new boolean[] {true, false}) {
      Path whole = written(synced);
      long size = Files.size(log(whole));
      for (int round = 0; round < 40; round++) {
        Path damaged = copyOf(whole);
        long most = synced ? size - 4096 : size - 6000;
        long offset = round == 0 ? most : random.nextLong(most);
        blank(log(damaged), round % 2 == 0 ? offset : offset / 4096 * 4096, 4096);
        String unused = refusal(damaged, "offset " + offset + " of " + size);
      }
    }
  }

  @Test
  void aLogThatEndsEarly_opensToWhatIsBeforeItsEnd() throws IOException {
    Random random = new Random();
    Path whole = written(false);
    long size = Files.size(log(whole));
    for (int round = 0; round < 20; round++) {
      Path torn = copyOf(whole);
      long length = round < 10 ? size - round : random.nextLong(size);
      truncate(log(torn), length);
      if (round % 3 == 0) {
        blank(log(torn), length, 5000);
      }
      try (RocksStore store = RocksStore.open(torn)) {
        int rows = rows(store);
        assertTrue(rows >= length / 660 - 1 && rows <= length / 310, rows + " of " + length);
        assertEquals("", store.loss());
        put(store, rows, new byte[10]);
      }
      try (RocksStore store = RocksStore.open(torn)) {
        assertEquals("", store.loss());
      }
    }
  }

  /** Tables whose newest log file holds nothing but one batch that was never synced. */
  private Path writtenOnceMore(int bytes) throws IOException {
    Path whole = copyOf(written(true));
    try (RocksStore store = RocksStore.open(whole)) {
      put(store, BATCHES, new byte[bytes]);
    }
    return whole;
  }

  @Test
  void aTornFirstChangeOfAFreshLogFile_opensToTheTables() throws IOException {
    Path whole = writtenOnceMore(500);
    int length = (int) Files.size(log(whole));
    for (int from : new int[] {0, 3}) {
      Path torn = copyOf(whole);
      blank(log(torn), from, length - from);
      try (RocksStore store = RocksStore.open(torn)) {
        assertEquals(BATCHES, rows(store), "zeros from " + from);
        assertEquals("", store.loss());
      }
    }
  }

  @Test
  void aBlankFirstPageOfAFreshLogFile_isTornAfterAPowerCut() throws IOException {
    Path torn = writtenOnceMore(4096);
    try (RocksStore store = RocksStore.open(torn)) {
      assertEquals(BATCHES + 1, rows(store));
      put(store, BATCHES + 1, new byte[5000]);
      put(store, BATCHES + 2, new byte[500]);
    }
    blank(log(torn), 0, 4096);
    sayOtherBoot(torn);
    try (RocksStore store = RocksStore.open(torn)) {
      assertEquals(BATCHES + 1, rows(store));
      assertEquals("", store.loss());
    }
  }

  @Test
  void theRestOfAPageThatWasNeverWritten_isTornAfterAPowerCut() throws IOException {
    Path torn = writtenOnceMore(500);
    long synced = 0;
    try (RocksStore store = RocksStore.open(torn)) {
      put(store, BATCHES + 1, new byte[500]);
      store.force();
      synced = LogScan.of(LogFile.in(torn).get(0)).size();
      put(store, BATCHES + 2, new byte[4000]);
      put(store, BATCHES + 3, new byte[500]);
    }
    blank(log(torn), synced, (int) (4096 - synced));
    sayOtherBoot(torn);
    try (RocksStore store = RocksStore.open(torn)) {
      assertEquals(BATCHES + 2, rows(store));
      assertEquals("", store.loss());
    }
  }

  /** Changes the mark of the last sync to one that was made before the machine started. */
  private static void sayOtherBoot(Path directory) throws IOException {
    Path mark = directory.resolve(SyncMark.NAME);
    ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(mark));
    content.putLong(Long.BYTES, content.getLong(Long.BYTES) ^ 1);
    CRC32C crc = new CRC32C();
    crc.update(content.array(), 0, 2 * Long.BYTES);
    content.putLong(2 * Long.BYTES, crc.getValue());
    Files.write(mark, content.array());
  }

  @Test
  void anOldLogFileThatIsNoLongerNeeded_isNoGap() throws IOException {
    Path running = temporary.resolve("reopened");
    Path old = temporary.resolve("old.log");
    String name = "";
    for (int round = 0; round < 3; round++) {
      try (RocksStore store = RocksStore.open(running)) {
        put(store, 2 * round, new byte[300]);
        put(store, 2 * round + 1, new byte[300]);
        store.force();
      }
      if (round == 0) {
        name = log(running).getFileName().toString();
        Files.copy(log(running), old);
      }
    }
    // Of files that are not needed any more, the newest is removed first: a kill leaves the others.
    Files.copy(old, running.resolve(name));
    try (RocksStore store = RocksStore.open(running)) {
      assertEquals(6, rows(store));
      assertEquals("", store.loss());
    }
  }

  @Test
  void aSyncedLogThatEndsEarly_opensAndSaysWhatIsMissing() throws IOException {
    Path torn = copyOf(written(true));
    long size = Files.size(log(torn));
    truncate(log(torn), size - 5);
    try (RocksStore store = RocksStore.open(torn)) {
      assertEquals(BATCHES - 1, rows(store));
      assertTrue(store.loss().contains("1 change"), store.loss());
    }
    // Until it is recorded and synced, it is told again.
    try (RocksStore store = RocksStore.open(torn)) {
      assertTrue(store.loss().contains("1 change"), store.loss());
      put(store, BATCHES - 1, new byte[10]);
      store.lossIsRecorded();
      store.force();
    }
    try (RocksStore store = RocksStore.open(torn)) {
      assertEquals("", store.loss());
    }
  }

  @Test
  void anAcceptedLoss_keepsTheFileAndIsToldUntilItIsRecorded() throws IOException {
    for (boolean synced : new boolean[] {true, false}) {
      Path damaged = copyOf(written(synced));
      Path log = log(damaged);
      byte[] before = Files.readAllBytes(log);
      blank(log, 40_000, 4096);
      String refusal = refusal(damaged, "");
      int rows;
      try (RocksStore store = RocksStore.open(damaged, ACCEPTING)) {
        rows = rows(store);
        assertTrue(rows > 60 && rows < 130, rows + " rows");
        assertTrue(refusal.startsWith(store.loss()), store.loss());
      }
      assertEquals(before.length, Files.size(damaged.resolve("lost").resolve(log.getFileName())));
      try (RocksStore store = RocksStore.open(damaged)) {
        assertEquals(rows, rows(store));
        assertTrue(refusal.startsWith(store.loss()), store.loss());
        put(store, rows, new byte[10]);
        store.force();
        store.lossIsRecorded();
      }
      try (RocksStore store = RocksStore.open(damaged)) {
        assertEquals("", store.loss());
      }
    }
  }

  @Test
  void damagedTables_areRefused() throws IOException {
    Path directory = written(true);
    // Opening moves what is in the log to the tables.
    RocksStore.open(directory).close();
    List<Path> tables;
    try (Stream<Path> files = Files.list(directory)) {
      tables = files.filter(file -> file.toString().endsWith(".sst")).toList();
    }
    assertFalse(tables.isEmpty());
    for (Path table : tables) {
      long size = Files.size(table);
      for (long offset = 1; offset < size; offset += size / 7) {
        Path damaged = copyOf(directory);
        flip(damaged.resolve(table.getFileName()), offset);
        IOException e =
            assertThrows(IOException.class, () -> RocksStore.open(damaged).close(), "" + offset);
        assertTrue(e.getMessage().contains("cannot be opened"), e.getMessage());
        assertTrue(e.getMessage().contains("restore"), e.getMessage());
      }
      Path damaged = copyOf(directory);
      Files.delete(damaged.resolve(table.getFileName()));
      assertThrows(IOException.class, () -> RocksStore.open(damaged).close());
    }
  }

  @Test
  void aFileOfSeveralThatIsMissingOrDamaged_isRefused() throws IOException {
    Path whole;
    Path running = temporary.resolve("running");
    try (RocksStore store = RocksStore.open(running)) {
      byte[] value = new byte[30_000];
      // The small table's rows keep every file of the log in use.
      Overlay overlay = new Overlay(store);
      overlay.put(Table.META, Layout.u64(1), value);
      store.write(overlay);
      for (int i = 0; i < 1200; i++) {
        put(store, i, value);
        if (i % 10 == 0) {
          store.force();
        }
      }
      assertTrue(LogFile.in(running).size() >= 3, LogFile.in(running).toString());
      whole = copyOf(running);
    }
    List<LogFile> files = LogFile.in(whole);
    for (LogFile file : files) {
      Path damaged = copyOf(whole);
      Files.delete(damaged.resolve(file.name()));
      boolean last = file.equals(files.get(files.size() - 1));
      if (!last) {
        String unused = refusal(damaged, file.name());
        Path cut = copyOf(whole);
        truncate(cut.resolve(file.name()), Files.size(file.path()) - 10);
        unused = refusal(cut, file.name());
      }
      Path flipped = copyOf(whole);
      flip(flipped.resolve(file.name()), Files.size(file.path()) / 2);
      String refusal = refusal(flipped, file.name());
      assertTrue(refusal.contains(file.name()), refusal);
      try (RocksStore store = RocksStore.open(damaged, ACCEPTING)) {
        boolean fewer = rows(store) < 1200 || store.get(Table.META, Layout.u64(1)) == null;
        assertTrue(fewer && !store.loss().isEmpty(), file.name());
      }
    }
  }
}
