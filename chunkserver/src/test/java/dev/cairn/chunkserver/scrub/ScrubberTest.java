package dev.cairn.chunkserver.scrub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.chunkserver.store.LocalChunkStore;
import dev.cairn.chunkserver.store.Part;
import dev.cairn.chunkserver.store.StoreSettings;
import dev.cairn.rpc.checksum.Blocks;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A pass finds what is damaged; a restart goes on where it was. */
@Timeout(30)
final class ScrubberTest {

  private static final int LARGE_BYTES = 3 << 20;

  @TempDir Path directory;
  private Path disk;
  private LocalChunkStore store;

  @BeforeEach
  void open() throws IOException {
    disk = directory.resolve("disk");
    store = LocalChunkStore.open(StoreSettings.of(List.of(disk)));
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void write(long chunk, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(length);
    int[] sums = Blocks.checksums(0, bytes.duplicate());
    store.append(List.of(new Part(chunk, 0, length, sums, true)), bytes);
  }

  private Scrubber scrubber() {
    return new Scrubber(
        store, new ScrubCursor(List.of(disk)), ScrubSettings.DEFAULT, System::nanoTime);
  }

  @Test
  void askedForPass_atFullSpeed_findsWhatIsDamaged() throws IOException {
    write(1, LARGE_BYTES);
    write(2, 100);
    write(3, LARGE_BYTES);
    flip();
    Scrubber scrubber = scrubber();
    scrubber.start();
    scrubber.ask(5, true);
    awaitAnswer(scrubber, 5);
    scrubber.close();
    assertEquals(1, store.findings().untold(10).bad().size());
    assertEquals(1000, scrubber.status().getPermille());
    Scrubber next = scrubber();
    assertEquals(5, next.status().getRequest());
    assertTrue(next.status().getLastPassEnded() > 0);
  }

  @Test
  void filesThatSomebodyRemoved_areFound_thoughTheyAreOpen() throws IOException {
    write(1, LARGE_BYTES);
    write(2, 100);
    write(3, LARGE_BYTES);
    assertEquals(1, store.blocks(1, 0, 1).offset() + 1);
    try (Stream<Path> files = Files.walk(disk)) {
      for (Path file : files.filter(f -> f.toString().matches(".*(1[.]data|[.]pack)")).toList()) {
        Files.delete(file);
      }
    }
    Scrubber scrubber = scrubber();
    scrubber.start();
    scrubber.ask(5, true);
    awaitAnswer(scrubber, 5);
    scrubber.close();
    List<Long> bad =
        store.findings().untold(10).bad().stream().map(one -> one.chunkId()).sorted().toList();
    assertEquals(List.of(1L, 2L), bad);
    // What comes now goes into a pack that has a name.
    write(4, 100);
    store.requireFile(4);
  }

  private static void awaitAnswer(Scrubber scrubber, long request) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (scrubber.status().getRequest() < request) {
      assertTrue(System.nanoTime() < deadline, "the pass is not over after 20 s");
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void anErrorNobodyThoughtOf_costsAPass_andNotScrubbing() throws Exception {
    write(1, 100);
    CountDownLatch failed = new CountDownLatch(1);
    ChunkStore failing =
        (ChunkStore)
            Proxy.newProxyInstance(
                ChunkStore.class.getClassLoader(),
                new Class<?>[] {ChunkStore.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("blocks") && failed.getCount() > 0) {
                    failed.countDown();
                    throw new IllegalStateException("the first read fails");
                  }
                  return method.invoke(store, arguments);
                });
    Scrubber scrubber =
        new Scrubber(
            failing, new ScrubCursor(List.of(disk)), ScrubSettings.DEFAULT, System::nanoTime);
    scrubber.start();
    assertTrue(failed.await(20, TimeUnit.SECONDS));
    scrubber.ask(6, true);
    awaitAnswer(scrubber, 6);
    scrubber.close();
  }

  @Test
  void aPeriodOutOfBounds_isRefusedInOneSentence() {
    for (int days : new int[] {-1, 0, 3651, 106_752}) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> new ScrubSettings(Duration.ofDays(days), 1));
      assertEquals("the period of scrubbing is 1 to 3650 days, not " + days, e.getMessage());
    }
    assertThrows(
        IllegalArgumentException.class, () -> StoreSettings.of(List.of(disk)).withReserve(-1));
  }

  /** Flips a bit of one of the large chunks. */
  private void flip() throws IOException {
    Path file;
    try (Stream<Path> files = Files.walk(disk.resolve("chunks"))) {
      file = files.filter(f -> f.toFile().length() == LARGE_BYTES).findFirst().orElseThrow();
    }
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(LARGE_BYTES / 2);
      bytes.write(4);
    }
  }

  @Test
  void cursor_isTheOneThatGotFurthest() throws IOException {
    Path other = Files.createDirectory(directory.resolve("other"));
    new ScrubCursor(List.of(disk)).save(new ScrubState(10, 7, false, 3, 2));
    new ScrubCursor(List.of(other)).save(new ScrubState(10, 9, false, 3, 2));
    assertEquals(new ScrubState(10, 9, false, 3, 2), new ScrubCursor(List.of(disk, other)).load());
  }

  @Test
  void pace_keepsThePeriodWithinItsBounds() {
    ScrubSettings settings = new ScrubSettings(Duration.ofSeconds(1000), 50L << 20);
    assertEquals(10L << 20, settings.bytesPerSecond(9000L << 20, 0));
    assertEquals(20L << 20, settings.bytesPerSecond(9000L << 20, 450_000_000_000L));
    assertEquals(50L << 20, settings.bytesPerSecond(9000L << 20, 5_000_000_000_000L));
    assertEquals(1L << 20, settings.bytesPerSecond(10, 0));
  }
}
