package dev.cairn.chunkserver.store;

import static dev.cairn.chunkserver.store.StoreUnderTest.random;
import static dev.cairn.chunkserver.store.StoreUnderTest.slice;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.error.CairnException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The logs of checksums: what housekeeping does to them beside appends, and how long they get. */
final class ChecksumLogTest {

  private static final int PIECE = 10;
  private static final int APPENDS = 17_000;

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

  private Path log() {
    return t.files(".sums").get(0);
  }

  /** Runs a round of housekeeping that stands still in its first write, and an append meanwhile. */
  private void appendDuringHousekeeping(String written, byte[] bytes, int from) throws Exception {
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Thread housekeeping = new Thread(t.store::tend, "housekeeping");
    t.storage.beforeWrite =
        file -> {
          if (Thread.currentThread() == housekeeping && file.toString().endsWith(written)) {
            writing.countDown();
            awaits(goOn);
          }
        };
    FutureTask<Void> append =
        new FutureTask<>(
            () -> {
              t.append(1, from, slice(bytes, from, bytes.length - from), true);
              return null;
            });
    Thread appending = new Thread(append, "append");
    housekeeping.start();
    try {
      awaits(writing);
      appending.start();
      // Either it is over, which nothing must make it be with an error, or it waits.
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (!append.isDone() && appending.getState() != Thread.State.WAITING) {
        assertTrue(System.nanoTime() < deadline, "the append neither waits nor ends");
        Thread.onSpinWait();
      }
    } finally {
      goOn.countDown();
      housekeeping.join();
      t.storage.beforeWrite = file -> {};
    }
    append.get(20, TimeUnit.SECONDS);
  }

  private static void awaits(CountDownLatch latch) {
    try {
      assertTrue(latch.await(20, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  @Test
  void anAppendWhileHousekeepingNotesThatAllIsOnTheDisk_waitsForIt() throws Exception {
    byte[] bytes = random(200_000, 1);
    t.append(1, 0, slice(bytes, 0, 100_000), false);
    t.store.tend();
    appendDuringHousekeeping(".sums", bytes, 100_000);
    t.assertHolds(1, bytes);
    t.killAndReopen();
    t.assertHolds(1, bytes);
    assertEquals(Map.of(1L, -200_000L), t.listing());
  }

  private byte[] appendInSmallPieces() throws CairnException {
    byte[] bytes = random(APPENDS * PIECE, 2);
    for (int at = 0; at < bytes.length; at += PIECE) {
      t.append(1, at, slice(bytes, at, PIECE), false);
    }
    return bytes;
  }

  @Test
  void theLogOfManySmallAppends_isCompacted() throws IOException {
    byte[] bytes = appendInSmallPieces();
    assertTrue(Files.size(log()) >= APPENDS * ChecksumLog.ENTRY_BYTES);
    t.store.tend();
    assertEquals(3 * ChecksumLog.ENTRY_BYTES, Files.size(log()));
    t.append(1, bytes.length, random(PIECE, 3), true);
    t.killAndReopen();
    assertEquals(Map.of(1L, -(bytes.length + (long) PIECE)), t.listing());
    assertEquals(List.of(), t.bad());
    assertEquals(1, t.files(".data").size());
    assertArrayEquals(bytes, t.read(1, 0, bytes.length));
    t.append(2, 0, random(400_000, 2), true);
    t.reopen();
    assertArrayEquals(bytes, t.read(1, 0, bytes.length));
  }

  @Test
  void anAppendWhileTheLogIsCompacted_waitsForIt() throws Exception {
    byte[] start = appendInSmallPieces();
    byte[] bytes = Arrays.copyOf(start, start.length + 100_000);
    try (BlockRun reader = t.store.blocks(1, 0, start.length)) {
      appendDuringHousekeeping(".new", bytes, start.length);
      reader.read(ByteBuffer.allocate(reader.length()));
    }
    t.assertHolds(1, bytes);
    t.killAndReopen();
    t.assertHolds(1, bytes);
    assertEquals(List.of(), t.bad());
  }

  @Test
  void aLongLog_isReadInSmallPieces() throws IOException {
    byte[] bytes = random(400_000, 1);
    t.append(1, 0, bytes, true);
    t.store.abandon();
    byte[] last = Files.readAllBytes(log());
    int entries = 300_000;
    ByteBuffer all = ByteBuffer.allocate(entries * ChecksumLog.ENTRY_BYTES + last.length);
    for (int i = 0; i < entries; i++) {
      ChecksumLog.putBlock(all, 1, i % 6, 1 + i % 65_000, i);
    }
    Files.write(log(), all.put(last).array());
    AtomicInteger largest = new AtomicInteger();
    t.storage.onRead =
        (file, count) -> {
          if (file.toString().endsWith(".sums")) {
            largest.accumulateAndGet(count, Math::max);
          }
        };
    t.open();
    t.assertHolds(1, bytes);
    assertTrue(largest.get() > 0 && largest.get() <= 65_536, "read " + largest + " bytes at once");
    // Reading has opened it, and it was not forced yet.
    t.store.tend();
    assertTrue(Files.size(log()) < 1000, "the log is " + Files.size(log()) + " bytes long");
    t.assertHolds(1, bytes);
  }
}
