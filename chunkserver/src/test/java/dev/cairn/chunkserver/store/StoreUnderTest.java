package dev.cairn.chunkserver.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.rpc.checksum.Blocks;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A store on a breakable disk that a test opens, closes and kills. Its background thread does not
 * run: tests call {@code store.tend()}.
 */
final class StoreUnderTest implements Closeable {

  static final long PACK_BYTES = 1 << 20;
  static final int OPEN_PACKS = 20;
  static final Duration HOLD = Duration.ofHours(10);

  final FaultyStorage storage = new FaultyStorage();
  List<Path> directories;
  LocalChunkStore store;
  boolean acceptNewDisks;
  long packBytes = PACK_BYTES;
  // The time: nobody but the test lets it pass.
  long seconds = 1_000_000;

  StoreUnderTest(Path... directories) throws IOException {
    this.directories = List.of(directories);
    open();
  }

  void open() throws IOException {
    StoreSettings settings = new StoreSettings(directories, 0, 4, OPEN_PACKS, HOLD, acceptNewDisks);
    store = new StoreOpening(settings, storage, packBytes, () -> seconds).open();
  }

  /** As a restart does. */
  void reopen() throws IOException {
    store.close();
    open();
  }

  /** As after kill -9: nothing is forced and nothing is said to be. */
  void killAndReopen() throws IOException {
    store.abandon();
    open();
  }

  void append(long id, long offset, byte[] bytes, boolean seal) throws CairnException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    store.append(List.of(Part.ofBytes(id, offset, buffer, seal)), buffer);
  }

  /** Appends to a chunk that may be sealed, and seals it. */
  void grow(long id, long offset, byte[] bytes) throws CairnException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    int[] sums = Blocks.checksums(offset, buffer);
    store.append(List.of(new Part(id, offset, bytes.length, sums, true, true)), buffer);
  }

  byte[] read(long id, long offset, int length) throws CairnException {
    try (BlockRun run = store.blocks(id, offset, length)) {
      ByteBuffer into = ByteBuffer.allocate(run.length());
      int[] sums = run.read(into);
      assertEquals(run.length(), into.position());
      assertArrayEquals(Blocks.checksums(run.offset(), into.flip()), sums);
      int from = (int) (offset - run.offset());
      return Arrays.copyOfRange(into.array(), from, from + length);
    }
  }

  void assertHolds(long id, byte[] bytes) throws CairnException {
    assertArrayEquals(bytes, read(id, 0, bytes.length), "chunk " + id);
    fails(ErrorCode.NO_CHUNK, () -> read(id, 0, bytes.length + 1));
  }

  void assertMissing(long id) {
    fails(ErrorCode.NO_CHUNK, () -> read(id, 0, 1));
  }

  /** Something that may fail. */
  interface Call {
    void run() throws Exception;
  }

  static CairnException fails(ErrorCode code, Call call) {
    CairnException e = assertThrows(CairnException.class, call::run);
    assertEquals(code, e.code(), e.getMessage());
    return e;
  }

  /** Length, negative when the chunk is sealed, by chunk id. */
  Map<Long, Long> listing() {
    Map<Long, Long> listing = new TreeMap<>();
    store.list(
        replica ->
            listing.put(
                replica.chunkId(), replica.sealed() ? -replica.length() : replica.length()));
    return listing;
  }

  List<Long> bad() {
    return store.findings().untold(1000).bad().stream().map(Findings.Bad::chunkId).toList();
  }

  List<Long> lost() {
    return store.findings().untold(1000).lost();
  }

  /** The files with that ending, in order. */
  List<Path> files(String ending) {
    try (Stream<Path> all = Files.walk(directories.get(0))) {
      return all.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void flip(Path file, long position) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) position] ^= 0x10;
    Files.write(file, bytes);
  }

  static void cut(Path file, long bytes) throws IOException {
    byte[] all = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(all, (int) (all.length - bytes)));
  }

  static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static byte[] slice(byte[] bytes, int from, int length) {
    return Arrays.copyOfRange(bytes, from, from + length);
  }

  @Override
  public void close() {
    store.close();
  }
}
