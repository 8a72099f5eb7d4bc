package dev.cairn.chunkserver.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.chunkserver.store.Replica;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.AppendPart;
import dev.cairn.rpc.proto.Failure;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.wire.FrameChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Writing through chains of servers in one process. */
final class ChainTest {

  private static final int FRAME = 1 << 20;

  @TempDir Path directory;
  private TestServer a;
  private TestServer b;
  private TestServer c;

  @BeforeEach
  void start() throws IOException {
    a = TestServer.on(1, directory.resolve("a"));
    b = TestServer.on(2, directory.resolve("b"));
    c = TestServer.on(3, directory.resolve("c"));
  }

  @AfterEach
  void stop() {
    a.close();
    b.close();
    c.close();
    for (TestServer server : List.of(a, b, c)) {
      assertEquals(0, server.port.lentBytes(), "a buffer was not given back");
    }
  }

  private static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static byte[] slice(byte[] bytes, int from, int length) {
    return java.util.Arrays.copyOfRange(bytes, from, from + length);
  }

  @Test
  void append_throughThreeServers_isReadableOnEach() throws IOException {
    byte[] bytes = random(5 * FRAME + 12345, 1);
    try (DataClient client = DataClient.stream(a.address(), b.asServer(), c.asServer())) {
      long sequence = 0;
      for (int at = 0; at < bytes.length; at += FRAME) {
        byte[] frame = slice(bytes, at, Math.min(FRAME, bytes.length - at));
        boolean last = at + FRAME >= bytes.length;
        client.send(++sequence, DataClient.part(7, at, frame, last), frame);
      }
      client.awaitAck(sequence);
    }
    for (TestServer server : List.of(a, b, c)) {
      try (DataClient client = new DataClient(server.address())) {
        assertArrayEquals(slice(bytes, 100, FRAME), client.readBytes(7, 100, FRAME));
        int tail = bytes.length - 777;
        assertArrayEquals(slice(bytes, tail, 777), client.readBytes(7, tail, 777));
      }
      List<Replica> held = new ArrayList<>();
      server.store.list(held::add);
      assertEquals(List.of(new Replica(7, bytes.length, true)), held);
    }
  }

  @Test
  void append_ofManySmallChunksInOneFrame_isReadableInOneRead() throws IOException {
    List<AppendPart> parts = new ArrayList<>();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < 512; i++) {
      byte[] bytes = random(2048, i);
      parts.add(DataClient.part(1000 + i, 0, bytes, true));
      all.writeBytes(bytes);
    }
    try (DataClient client = DataClient.stream(a.address(), b.asServer())) {
      client.send(1, parts, all.toByteArray(), true);
      client.awaitAck(1);
    }
    try (DataClient client = new DataClient(b.address())) {
      var ranges =
          parts.stream()
              .map(part -> DataClient.range(part.getChunkId(), 0, 2048))
              .toArray(dev.cairn.rpc.proto.ReadRange[]::new);
      var answers = client.read(ranges);
      for (int i = 0; i < 512; i++) {
        assertArrayEquals(random(2048, i), answers.get(i).bytes().toByteArray());
      }
    }
  }

  @Test
  void append_toPartOfABlock_isReadableWhileTheChunkGrows() throws IOException {
    byte[] bytes = random(200_000, 3);
    try (DataClient writer = DataClient.stream(a.address(), b.asServer());
        DataClient reader = new DataClient(b.address())) {
      int at = 0;
      Random random = new Random(4);
      for (long sequence = 1; at < bytes.length; sequence++) {
        int length = Math.min(bytes.length - at, 1 + random.nextInt(10_000));
        byte[] piece = slice(bytes, at, length);
        writer.send(sequence, DataClient.part(9, at, piece, false), piece);
        writer.awaitAck(sequence);
        at += length;
        assertArrayEquals(slice(bytes, 0, at), reader.readBytes(9, 0, at));
      }
    }
  }

  @Test
  void append_withAWrongChecksum_isRefusedAndNamesTheServer() throws IOException {
    try (DataClient client = DataClient.stream(a.address(), b.asServer())) {
      byte[] bytes = random(1000, 5);
      AppendPart part = DataClient.part(5, 0, bytes, true);
      bytes[500] ^= 1;
      client.send(1, part, bytes);
      Failure failure = client.awaitFailure();
      assertEquals(ErrorCode.CORRUPT.number(), failure.getCode());
      assertEquals(0, failure.getAcknowledged());
    }
    assertEquals(0, a.store.count());
    assertEquals(0, b.store.count());
  }

  @Test
  void append_toAServerThatIsToBeEmptied_isRefused_andReadingGoesOn() throws IOException {
    byte[] bytes = random(1000, 6);
    try (DataClient client = DataClient.stream(a.address(), b.asServer())) {
      client.send(1, DataClient.part(5, 0, bytes, false), bytes);
      client.awaitAck(1);
      b.port.drain(true);
      client.send(2, DataClient.part(5, 1000, bytes, true), bytes);
      Failure failure = client.awaitFailure();
      assertEquals(ErrorCode.STOPPING.number(), failure.getCode());
      assertEquals(1, failure.getAcknowledged());
    }
    try (DataClient reader = new DataClient(b.address())) {
      assertArrayEquals(bytes, reader.readBytes(5, 0, 1000));
    }
    b.port.drain(false);
    try (DataClient client = DataClient.stream(b.address())) {
      client.send(1, DataClient.part(6, 0, bytes, true), bytes);
      client.awaitAck(1);
    }
  }

  @Test
  void append_behindTheEndOrTwice_isNotAtEnd() throws IOException {
    byte[] bytes = random(1000, 6);
    try (DataClient client = DataClient.stream(a.address())) {
      client.send(1, DataClient.part(5, 0, bytes, false), bytes);
      client.awaitAck(1);
      client.send(2, DataClient.part(5, 0, bytes, false), bytes);
      Failure failure = client.awaitFailure();
      assertEquals(ErrorCode.NOT_AT_END.number(), failure.getCode());
      assertEquals(2, failure.getSequence());
      assertEquals(1, failure.getAcknowledged());
    }
  }

  @Test
  void openChain_withAServerThatIsGone_namesIt() throws IOException {
    c.close();
    try (DataClient client = new DataClient(a.address())) {
      client.openChain(b.asServer(), c.asServer());
      Failure failure = client.awaitFailure();
      assertEquals(3, failure.getServerId());
      assertEquals(ErrorCode.UNREACHABLE.number(), failure.getCode());
    }
  }

  @Test
  void openChain_withAServerThatIsSilent_timesOutAndNamesIt() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        DataClient client = new DataClient(a.address())) {
      ServerAddress hung =
          c.asServer().toBuilder().setPort(silent.getLocalPort()).setServerId(9).build();
      client.openChain(b.asServer(), hung);
      Failure failure = client.awaitFailure();
      assertEquals(9, failure.getServerId());
      assertEquals(ErrorCode.TIMED_OUT.number(), failure.getCode());
    }
  }

  @Test
  void append_whenAServerBehindDies_failsAndNamesIt() throws IOException {
    byte[] bytes = random(1000, 8);
    try (DataClient client = DataClient.stream(a.address(), b.asServer(), c.asServer())) {
      client.send(1, DataClient.part(5, 0, bytes, false), bytes);
      client.awaitAck(1);
      c.close();
      Failure failure = client.awaitFailure();
      assertEquals(3, failure.getServerId());
      assertEquals(1, failure.getAcknowledged());
    }
    try (DataClient reader = new DataClient(b.address())) {
      assertArrayEquals(bytes, reader.readBytes(5, 0, 1000));
    }
  }

  @Test
  void read_ofWhatIsNotThere_isAFailureOfThatPartOnly() throws IOException {
    byte[] bytes = random(1000, 9);
    try (DataClient client = DataClient.stream(a.address())) {
      client.send(1, DataClient.part(5, 0, bytes, true), bytes);
      client.awaitAck(1);
    }
    try (DataClient reader = new DataClient(a.address())) {
      var answers =
          reader.read(
              DataClient.range(6, 0, 10), DataClient.range(5, 10, 10), DataClient.range(5, 999, 2));
      assertEquals(ErrorCode.NO_CHUNK.number(), answers.get(0).part().getFailure().getCode());
      assertArrayEquals(bytes, answers.get(1).bytes().toByteArray());
      assertEquals(ErrorCode.NO_CHUNK.number(), answers.get(2).part().getFailure().getCode());
    }
  }

  @Test
  void sync_ofAChunkThatIsNotThere_failsAndTheConnectionGoesOn() throws IOException {
    byte[] bytes = random(1000, 9);
    try (DataClient client = DataClient.stream(a.address())) {
      client.send(1, DataClient.part(5, 0, bytes, false), bytes);
      client.awaitAck(1);
    }
    try (DataClient client = new DataClient(a.address())) {
      client.sync(1, 6L);
      CairnException e = assertThrows(CairnException.class, () -> client.awaitAck(1));
      assertEquals(ErrorCode.NO_CHUNK, e.code());
      client.sync(2, 5L);
      client.awaitAck(2);
      assertTrue(client.readBytes(5, 0, 10).length == 10);
    }
  }

  /** As a paused process is: its kernel takes what fits into the socket, and nothing comes back. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void append_whenAServerBehindHangs_timesOutAndNamesIt(boolean reading) throws IOException {
    byte[] bytes = random(FRAME, 8);
    try (SilentServer silent = new SilentServer(reading);
        DataClient client = DataClient.stream(a.address(), b.asServer(), silent.asServer(9))) {
      Thread sender =
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < 20; i++) {
                    AppendPart part = DataClient.part(5, (long) i * FRAME, bytes, false);
                    client.send(i + 1L, part, bytes);
                  }
                } catch (IOException e) {
                  // The server gave up, as it should.
                }
              });
      sender.start();
      long start = System.nanoTime();
      Failure failure = client.awaitFailure();
      long millis = (System.nanoTime() - start) / 1_000_000;
      assertEquals(9, failure.getServerId(), failure.toString());
      assertEquals(ErrorCode.TIMED_OUT.number(), failure.getCode(), failure.toString());
      assertEquals(0, failure.getAcknowledged());
      assertTrue(millis < 5_000, "it took " + millis + " ms");
      client.channel.close();
      join(sender);
    }
  }

  @Test
  void append_ofAClientThatGivesMoreTime_waitsSoMuchLonger() throws IOException {
    byte[] bytes = random(1000, 8);
    try (SilentServer silent = new SilentServer(true);
        DataClient client = new DataClient(a.address())) {
      client.openChain(3, b.asServer(), silent.asServer(9));
      assertEquals(0, client.receive().getAck().getSequence());
      long start = System.nanoTime();
      client.send(1, DataClient.part(5, 0, bytes, false), bytes);
      Failure failure = client.awaitFailure();
      long millis = (System.nanoTime() - start) / 1_000_000;
      assertEquals(9, failure.getServerId(), failure.toString());
      assertEquals(ErrorCode.TIMED_OUT.number(), failure.getCode(), failure.toString());
      assertTrue(millis >= 3 * 800, "it took " + millis + " ms");
    }
  }

  @Test
  void append_thatAServerBehindRefuses_saysWhyAndNamesIt() throws IOException {
    byte[] bytes = random(1000, 8);
    try (DataClient client = DataClient.stream(c.address())) {
      client.send(1, DataClient.part(5, 0, bytes, true), bytes);
      client.awaitAck(1);
    }
    try (DataClient client = DataClient.stream(a.address(), b.asServer(), c.asServer())) {
      client.send(1, DataClient.part(6, 0, bytes, true), bytes);
      client.awaitAck(1);
      client.send(2, DataClient.part(5, 0, bytes, true), bytes);
      Failure failure = client.awaitFailure();
      assertEquals(3, failure.getServerId());
      assertEquals(ErrorCode.NOT_AT_END.number(), failure.getCode());
      assertEquals(2, failure.getSequence());
      assertEquals(1, failure.getAcknowledged());
    }
  }

  @Test
  void close_whileAClientWrites_tellsIt() throws IOException {
    byte[] bytes = random(1000, 8);
    try (DataClient client = DataClient.stream(a.address(), b.asServer())) {
      client.send(1, DataClient.part(5, 0, bytes, false), bytes);
      client.awaitAck(1);
      a.close();
      assertEquals(ErrorCode.STOPPING.number(), client.awaitFailure().getCode());
    }
  }

  /** Every server forwards to every other while all buffers are wanted: nobody waits for ever. */
  @Test
  void chainsInAllDirections_withMoreFramesThanBuffers_allComeThrough() throws Exception {
    // A disk may be slow here, but a deadlock is for ever.
    stop();
    DataPortSettings patient = TestServer.patient(Duration.ofSeconds(25));
    a = TestServer.with(1, directory.resolve("a"), patient);
    b = TestServer.with(2, directory.resolve("b"), patient);
    c = TestServer.with(3, directory.resolve("c"), patient);
    List<TestServer> servers = List.of(a, b, c);
    byte[] bytes = random(FrameChannel.MAX_PAYLOAD_BYTES, 8);
    List<CompletableFuture<Void>> writers = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(15);
    for (int i = 0; i < 15; i++) {
      int number = i;
      writers.add(
          CompletableFuture.runAsync(
              () -> {
                TestServer first = servers.get(number % 3);
                ServerAddress second = servers.get((number + 1 + number % 2) % 3).asServer();
                ServerAddress third = servers.get((number + 2 - number % 2) % 3).asServer();
                try (DataClient client = DataClient.stream(first.address(), second, third)) {
                  for (int frame = 0; frame < 6; frame++) {
                    AppendPart part =
                        DataClient.part(100 + number, (long) frame * bytes.length, bytes, false);
                    client.send(frame + 1L, part, bytes);
                  }
                  client.awaitAck(6);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              },
              threads));
    }
    for (CompletableFuture<Void> writer : writers) {
      writer.get(60, TimeUnit.SECONDS);
    }
    threads.shutdown();
    for (TestServer server : servers) {
      assertEquals(15, server.store.count());
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
