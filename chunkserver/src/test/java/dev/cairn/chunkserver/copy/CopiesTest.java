package dev.cairn.chunkserver.copy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.chunkserver.data.DataPort;
import dev.cairn.chunkserver.data.DataPortSettings;
import dev.cairn.chunkserver.store.BlockRun;
import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.chunkserver.store.LocalChunkStore;
import dev.cairn.chunkserver.store.Part;
import dev.cairn.chunkserver.store.Replica;
import dev.cairn.chunkserver.store.StoreSettings;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.BadSource;
import dev.cairn.rpc.proto.BuildOrder;
import dev.cairn.rpc.proto.ChunkCopy;
import dev.cairn.rpc.proto.ChunkLocation;
import dev.cairn.rpc.proto.ChunkPart;
import dev.cairn.rpc.proto.CopyOrder;
import dev.cairn.rpc.proto.CopyResult;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.wire.SocketTransport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Copies between real stores over real data ports. */
@Timeout(60)
final class CopiesTest {

  private static final int LARGE = (3 << 20) + 12_345;

  @TempDir Path directory;
  private final Random random = new Random(11);
  private final Semaphore news = new Semaphore(0);
  private LocalChunkStore first;
  private LocalChunkStore second;
  private LocalChunkStore target;
  private DataPort firstPort;
  private DataPort secondPort;
  private Copies copies;

  @BeforeEach
  void start() throws IOException {
    first = open("first");
    second = open("second");
    target = open("target");
    firstPort = port(first);
    secondPort = port(second);
    copies = new Copies(target, new SocketTransport(), () -> "", () -> 0, result -> news.release());
  }

  @AfterEach
  void stop() {
    copies.close();
    firstPort.close();
    secondPort.close();
    List.of(first, second, target).forEach(LocalChunkStore::close);
  }

  private LocalChunkStore open(String name) throws IOException {
    return LocalChunkStore.open(StoreSettings.of(List.of(directory.resolve(name))));
  }

  private static DataPort port(ChunkStore store) throws IOException {
    return DataPort.open(
        store,
        new SocketTransport(),
        new HostPort("127.0.0.1", 0),
        () -> "",
        DataPortSettings.defaults());
  }

  private static ServerAddress address(int id, DataPort port) {
    return ServerAddress.newBuilder()
        .setServerId(id)
        .setHost("127.0.0.1")
        .setPort(port.port())
        .build();
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Appends bytes in pieces, as a client does. */
  private static void put(ChunkStore store, long chunk, byte[] bytes, boolean seal)
      throws CairnException {
    for (int at = 0; at < bytes.length; at += 1 << 20) {
      int end = Math.min(bytes.length, at + (1 << 20));
      ByteBuffer piece = ByteBuffer.wrap(bytes, at, end - at);
      boolean last = end == bytes.length;
      store.append(List.of(Part.ofBytes(chunk, at, piece, seal && last)), piece);
    }
  }

  private static byte[] get(ChunkStore store, long chunk, int length) throws CairnException {
    ByteBuffer into = ByteBuffer.allocate(length);
    for (int at = 0; at < length; at += 1 << 20) {
      try (BlockRun run = store.blocks(chunk, at, Math.min(1 << 20, length - at))) {
        run.read(into);
      }
    }
    return into.array();
  }

  private void order(List<ServerAddress> sources, Map<Long, Integer> lengths) {
    CopyOrder.Builder order = CopyOrder.newBuilder().addAllSources(sources);
    lengths.forEach(
        (id, length) -> order.addChunks(ChunkCopy.newBuilder().setChunkId(id).setLength(length)));
    copies.take(HeartbeatReply.newBuilder().setCopyStreams(2).addCopies(order).build());
  }

  /** The results of so many copies, by chunk. */
  private Map<Long, CopyResult> results(int count) throws InterruptedException {
    Map<Long, CopyResult> results = new TreeMap<>();
    while (results.size() < count) {
      assertTrue(news.tryAcquire(20, TimeUnit.SECONDS), () -> "only " + results);
      Copies.Page page = copies.untold(10_000);
      page.ended().forEach(result -> results.put(result.getChunkId(), result));
      copies.told(page);
    }
    return results;
  }

  @Test
  void smallAndLargeChunks_areThereSealedWithAllTheirBytes() throws Exception {
    Map<Long, Integer> lengths = new TreeMap<>();
    Map<Long, byte[]> contents = new TreeMap<>();
    for (long id = 1; id <= 3000; id++) {
      contents.put(id, bytes(1 + random.nextInt(4000)));
    }
    contents.put(5000L, bytes(200_000));
    contents.put(5001L, bytes(LARGE));
    for (Map.Entry<Long, byte[]> chunk : contents.entrySet()) {
      put(first, chunk.getKey(), chunk.getValue(), true);
      lengths.put(chunk.getKey(), chunk.getValue().length);
    }
    order(List.of(address(1, firstPort)), lengths);
    results(lengths.size())
        .forEach((id, result) -> assertEquals(lengths.get(id), (int) result.getLength()));
    for (Map.Entry<Long, byte[]> chunk : contents.entrySet()) {
      long id = chunk.getKey();
      assertEquals(new Replica(id, lengths.get(id), true), target.replica(id));
      assertArrayEquals(chunk.getValue(), get(target, id, lengths.get(id)));
    }
    assertTrue(copies.untold(10_000).pending().isEmpty());
  }

  @Test
  void aSourceThatIsAway_isFollowedByTheNext() throws Exception {
    byte[] small = bytes(3000);
    byte[] large = bytes(LARGE);
    put(second, 1, small, true);
    put(second, 2, large, true);
    List<ServerAddress> sources = List.of(address(1, firstPort), address(2, secondPort));
    firstPort.close();
    order(sources, Map.of(1L, small.length, 2L, LARGE));
    results(2).forEach((id, result) -> assertEquals(0, result.getBadSourcesCount()));
    assertArrayEquals(small, get(target, 1, small.length));
    assertArrayEquals(large, get(target, 2, LARGE));
  }

  @Test
  void aDamagedOrMissingReplica_isNamed_andTheNextSourceTaken() throws Exception {
    byte[] small = bytes(3000);
    byte[] large = bytes(LARGE);
    put(second, 1, small, true);
    put(second, 2, large, true);
    put(first, 2, large, true);
    Path file = directory.resolve("first/chunks/02/0000000000000002.data");
    byte[] damaged = Files.readAllBytes(file);
    damaged[LARGE - 1] ^= 1;
    Files.write(file, damaged);
    order(
        List.of(address(1, firstPort), address(2, secondPort)),
        Map.of(1L, small.length, 2L, LARGE));
    Map<Long, CopyResult> results = results(2);
    for (CopyResult result : results.values()) {
      assertEquals(
          List.of(1), result.getBadSourcesList().stream().map(BadSource::getServerId).toList());
    }
    assertArrayEquals(small, get(target, 1, small.length));
    assertArrayEquals(large, get(target, 2, LARGE));
  }

  @Test
  void onlyTheCommittedLength_isCopied() throws Exception {
    byte[] small = bytes(70_000);
    byte[] large = bytes(LARGE);
    put(first, 1, small, false);
    put(first, 2, large, false);
    order(List.of(address(1, firstPort)), Map.of(1L, 66_000, 2L, LARGE - 1000));
    results(2).forEach((id, result) -> assertEquals("", result.getFailure()));
    assertEquals(new Replica(1, 66_000, true), target.replica(1));
    assertArrayEquals(Arrays.copyOf(small, 66_000), get(target, 1, 66_000));
    assertEquals(new Replica(2, LARGE - 1000, true), target.replica(2));
    assertArrayEquals(Arrays.copyOf(large, LARGE - 1000), get(target, 2, LARGE - 1000));
  }

  @Test
  void whatAnEarlierCopyLeft_isTakenOrReplaced() throws Exception {
    byte[] bytes = bytes(LARGE);
    put(first, 1, bytes, true);
    put(first, 2, bytes, true);
    put(target, 1, Arrays.copyOf(bytes, 1 << 20), false);
    put(target, 2, bytes, true);
    order(List.of(address(1, firstPort)), Map.of(1L, LARGE, 2L, LARGE));
    results(2).forEach((id, result) -> assertEquals(LARGE, result.getLength()));
    assertArrayEquals(bytes, get(target, 1, LARGE));
    assertTrue(target.findings().untold(10).lost().isEmpty());
  }

  @Test
  void withoutAnySource_theFailureIsTold_andNothingIsLeft() throws Exception {
    put(first, 2, bytes(LARGE - 1), true);
    order(List.of(address(1, firstPort)), Map.of(1L, 10, 2L, LARGE));
    Map<Long, CopyResult> results = results(2);
    for (CopyResult result : results.values()) {
      assertEquals(0, result.getLength());
      assertFalse(result.getFailure().isEmpty());
      assertEquals(1, result.getBadSourcesCount());
    }
    assertNull(target.replica(1));
    assertNull(target.replica(2));
  }

  @Test
  void aBadReplicaThatIsHere_isPutAside_andReplaced() throws Exception {
    byte[] small = bytes(3000);
    byte[] large = bytes(LARGE);
    for (LocalChunkStore store : List.of(first, target)) {
      put(store, 1, small, true);
      put(store, 2, large, true);
    }
    CopyOrder.Builder order = CopyOrder.newBuilder().addSources(address(1, firstPort));
    for (ChunkCopy.Builder copy :
        List.of(
            ChunkCopy.newBuilder().setChunkId(1).setLength(small.length),
            ChunkCopy.newBuilder().setChunkId(2).setLength(LARGE))) {
      order.addChunks(copy.setReplace(true));
    }
    copies.take(HeartbeatReply.newBuilder().setCopyStreams(2).addCopies(order).build());
    results(2).forEach((id, result) -> assertEquals("", result.getFailure()));
    assertArrayEquals(small, get(target, 1, small.length));
    assertArrayEquals(large, get(target, 2, LARGE));
    assertEquals(2, target.disks().get(0).quarantinedChunks());
    // The master forgets the marks when it hears that the bad ones are gone.
    assertEquals(List.of(1L, 2L), target.findings().untold(10).lost().stream().sorted().toList());
  }

  @Test
  void aNewChunk_isWhatThePartsHold_oneBehindTheOther() throws Exception {
    byte[] small = bytes(3000);
    byte[] large = bytes(LARGE);
    put(first, 1, small, true);
    put(second, 2, large, true);
    BuildOrder.Builder order = BuildOrder.newBuilder().setChunkId(9);
    order.addServers(address(1, firstPort)).addServers(address(2, secondPort));
    order.addLocations(ChunkLocation.newBuilder().setChunkId(1).addServerIds(1));
    // The first server does not have it: the second one is asked, too.
    order.addLocations(ChunkLocation.newBuilder().setChunkId(2).addServerIds(1).addServerIds(2));
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    part(order, expected, 1, small, 100, 2900);
    part(order, expected, 2, large, 0, (2 << 20) + 7);
    for (int i = 0; i < 300; i++) {
      int offset = random.nextInt(LARGE - 9000);
      part(order, expected, 2, large, offset, 1 + random.nextInt(9000));
    }
    part(order, expected, 2, large, LARGE - 1, 1);
    copies.take(HeartbeatReply.newBuilder().setCopyStreams(1).addBuilds(order).build());
    CopyResult result = results(1).get(9L);
    assertEquals("", result.getFailure());
    assertEquals(expected.size(), result.getLength());
    assertEquals(new Replica(9, expected.size(), true), target.replica(9));
    assertArrayEquals(expected.toByteArray(), get(target, 9, expected.size()));
  }

  private static void part(
      BuildOrder.Builder order,
      ByteArrayOutputStream expected,
      long chunk,
      byte[] bytes,
      int offset,
      int length) {
    order.addParts(ChunkPart.newBuilder().setChunkId(chunk).setOffset(offset).setLength(length));
    expected.write(bytes, offset, length);
  }

  @Test
  void aNewChunk_ofWhichAPartIsDamaged_isNotMade() throws Exception {
    byte[] large = bytes(LARGE);
    put(first, 2, large, true);
    Path file = directory.resolve("first/chunks/02/0000000000000002.data");
    byte[] damaged = Files.readAllBytes(file);
    damaged[LARGE - 1] ^= 1;
    Files.write(file, damaged);
    BuildOrder.Builder order = BuildOrder.newBuilder().setChunkId(9);
    order.addServers(address(1, firstPort));
    order.addLocations(ChunkLocation.newBuilder().setChunkId(2).addServerIds(1));
    order.addParts(ChunkPart.newBuilder().setChunkId(2).setOffset(5).setLength(LARGE - 5));
    copies.take(HeartbeatReply.newBuilder().setCopyStreams(1).addBuilds(order).build());
    CopyResult result = results(1).get(9L);
    assertEquals(0, result.getLength());
    assertTrue(result.getFailure().contains("is damaged"), result.getFailure());
    assertNull(target.replica(9));
  }
}
