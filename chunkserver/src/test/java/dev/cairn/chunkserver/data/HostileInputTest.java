package dev.cairn.chunkserver.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Append;
import dev.cairn.rpc.proto.AppendPart;
import dev.cairn.rpc.proto.DataHeader;
import dev.cairn.rpc.proto.Failure;
import dev.cairn.rpc.proto.OpenChain;
import dev.cairn.rpc.proto.Read;
import dev.cairn.rpc.proto.ReadRange;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.proto.Sync;
import dev.cairn.rpc.wire.Connection;
import dev.cairn.rpc.wire.FrameChannel;
import dev.cairn.rpc.wire.SocketTransport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no conversation of ours: a clear error, the connection closed, the server lives. */
final class HostileInputTest {

  private static final int MAGIC = 0x43524e31;

  @TempDir Path directory;
  private TestServer server;
  private final byte[] kept = bytes(100_000, 1);

  private static byte[] bytes(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @BeforeEach
  void start() throws IOException {
    server = TestServer.on(1, directory.resolve("a"));
    try (DataClient client = DataClient.stream(server.address())) {
      client.send(1, DataClient.part(1, 0, kept, false), kept);
      client.awaitAck(1);
    }
  }

  @AfterEach
  void theServerLives() throws IOException {
    try (DataClient client = new DataClient(server.address())) {
      assertArrayEquals(kept, client.readBytes(1, 0, kept.length));
    }
    server.close();
    assertEquals(0, server.port.lentBytes(), "a buffer was not given back");
  }

  @Test
  void whoMeansTheChunksOfAnotherCluster_isRefused() throws IOException {
    server.clusterId = "this";
    Read read = Read.newBuilder().addRanges(DataClient.range(1, 0, 10)).build();
    Sync sync = Sync.newBuilder().setSequence(1).addChunkIds(1).build();
    assertEquals(null, failureOf(DataHeader.newBuilder().setRead(read)));
    assertEquals(null, failureOf(DataHeader.newBuilder().setSync(sync)));
    String other = "other";
    assertEquals(
        ErrorCode.OTHER_CLUSTER,
        failureOf(DataHeader.newBuilder().setRead(read.toBuilder().setClusterId(other))));
    assertEquals(
        ErrorCode.OTHER_CLUSTER,
        failureOf(DataHeader.newBuilder().setSync(sync.toBuilder().setClusterId(other))));
    assertEquals(
        ErrorCode.OTHER_CLUSTER,
        failureOf(
            DataHeader.newBuilder().setOpenChain(OpenChain.newBuilder().setClusterId(other))));
  }

  /** The code a conversation's first frame fails with; null when it does not. */
  private ErrorCode failureOf(DataHeader.Builder first) throws IOException {
    try (DataClient client = new DataClient(server.address())) {
      client.channel.send(first.build());
      DataHeader answer = client.channel.receive();
      client.channel.skipPayload();
      return answer.hasFailure() ? CairnException.of(answer.getFailure()).code() : null;
    }
  }

  @Test
  void aServerThatIsReplaced_endsItsConversations_andRefusesNewOnes() throws IOException {
    try (DataClient before = new DataClient(server.address())) {
      before.readBytes(1, 0, 10);
      server.port.withhold("another process is this server");
      assertNull(endOf(before));
      try (DataClient after = new DataClient(server.address())) {
        Failure failure = after.awaitFailure();
        assertEquals("another process is this server", failure.getMessage());
      }
    } finally {
      server.port.serve();
    }
  }

  /** What a connection says before its end; null for nothing. */
  private static DataHeader endOf(DataClient client) {
    try {
      return client.channel.receive();
    } catch (IOException e) {
      return null;
    }
  }

  /** Sends raw bytes and returns what the server says before it closes; null for nothing. */
  private Failure answerTo(byte[] raw) throws IOException {
    Connection connection = new SocketTransport().connect(server.address(), Duration.ofSeconds(5));
    try (connection) {
      connection.deadline(Duration.ofSeconds(20));
      connection.write(ByteBuffer.wrap(raw));
      DataHeader header = new FrameChannel(connection).receive();
      return header == null ? null : header.getFailure();
    }
  }

  private static byte[] frame(int magic, int headerBytes, int payloadBytes, byte[] rest) {
    return ByteBuffer.allocate(12 + rest.length)
        .putInt(magic)
        .putInt(headerBytes)
        .putInt(payloadBytes)
        .put(rest)
        .array();
  }

  private void assertProtocol(byte[] raw) throws IOException {
    Failure failure = answerTo(raw);
    assertEquals(ErrorCode.PROTOCOL.number(), failure.getCode(), failure.getMessage());
  }

  @Test
  void aFrameOfAnotherProtocol_isAProtocolError() throws IOException {
    assertProtocol("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void lengthsOverTheBounds_areProtocolErrors() throws IOException {
    assertProtocol(frame(MAGIC, FrameChannel.MAX_HEADER_BYTES + 1, 0, new byte[100]));
    assertProtocol(frame(MAGIC, -1, 0, new byte[100]));
    assertProtocol(frame(MAGIC, 10, FrameChannel.MAX_PAYLOAD_BYTES + 1, new byte[100]));
    assertProtocol(frame(MAGIC, 10, Integer.MIN_VALUE, new byte[100]));
  }

  @Test
  void aHeaderThatIsNone_isAProtocolError() throws IOException {
    assertProtocol(frame(MAGIC, 20, 0, bytes(20, 2)));
    assertProtocol(frame(MAGIC, 0, 0, new byte[0]));
  }

  @Test
  void appendsOutsideAStream_andAnswers_areProtocolErrors() throws IOException {
    try (DataClient client = new DataClient(server.address())) {
      client.send(1, DataClient.part(2, 0, kept, false), kept);
      assertEquals(ErrorCode.PROTOCOL.number(), client.awaitFailure().getCode());
    }
    try (DataClient client = new DataClient(server.address())) {
      client.channel.send(
          DataHeader.newBuilder().setFailure(Failure.newBuilder().setCode(3)).build());
      assertEquals(ErrorCode.PROTOCOL.number(), client.awaitFailure().getCode());
      assertNull(client.channel.receive());
    }
  }

  @Test
  void appendsThatContradictThemselves_areProtocolErrors() throws IOException {
    AppendPart good = DataClient.part(2, 0, kept, false);
    List<AppendPart> wrong =
        List.of(
            good.toBuilder().setLength(99_999).build(),
            good.toBuilder().setLength(-1).build(),
            good.toBuilder().setOffset(-5).build(),
            good.toBuilder().setOffset(1L << 40).build(),
            good.toBuilder().setChunkId(0).build(),
            good.toBuilder().addChecksums(7).build(),
            good.toBuilder().clearChecksums().build());
    for (AppendPart part : wrong) {
      try (DataClient client = DataClient.stream(server.address())) {
        client.send(1, part, kept);
        Failure failure = client.awaitFailure();
        assertEquals(ErrorCode.PROTOCOL.number(), failure.getCode(), part.toString());
        assertNull(client.channel.receive());
      }
    }
    assertEquals(1, server.store.count());
  }

  @Test
  void appendsNumberedBackwards_areAProtocolError() throws IOException {
    try (DataClient client = DataClient.stream(server.address())) {
      client.send(5, DataClient.part(2, 0, kept, false), kept);
      client.awaitAck(5);
      client.send(5, DataClient.part(3, 0, kept, false), kept);
      Failure failure = client.awaitFailure();
      assertEquals(ErrorCode.PROTOCOL.number(), failure.getCode());
      assertEquals(5, failure.getAcknowledged());
    }
  }

  @Test
  void aChainThatNamesNoServer_isAFailure() throws IOException {
    for (ServerAddress nowhere :
        List.of(
            ServerAddress.getDefaultInstance(),
            ServerAddress.newBuilder().setHost("x").setPort(-7).setServerId(4).build())) {
      try (DataClient client = new DataClient(server.address())) {
        client.openChain(nowhere);
        assertEquals(nowhere.getServerId(), client.awaitFailure().getServerId());
      }
    }
  }

  @Test
  void aReadOfTooMuch_isInvalidAndTheConnectionGoesOn() throws IOException {
    try (DataClient client = new DataClient(server.address())) {
      CairnException e =
          assertThrows(CairnException.class, () -> client.read(DataClient.range(1, 0, -1)));
      assertEquals(ErrorCode.INVALID, e.code());
      assertArrayEquals(kept, client.readBytes(1, 0, kept.length));
      // Few bytes asked for, but too many blocks around them.
      var ranges = new ArrayList<ReadRange>();
      for (int i = 0; i < 100; i++) {
        ranges.add(DataClient.range(1, 5, 5));
      }
      var answers = client.read(ranges.toArray(ReadRange[]::new));
      assertEquals(65_536, answers.get(0).part().getLength());
      assertEquals(ErrorCode.TOO_BIG.number(), answers.get(99).part().getFailure().getCode());
    }
  }

  @Test
  void aFrameThatBreaksOffAnywhere_changesNothing() throws IOException {
    byte[] payload = bytes(3000, 5);
    Append append =
        Append.newBuilder().setSequence(1).addParts(DataClient.part(2, 0, payload, true)).build();
    byte[] header = DataHeader.newBuilder().setAppend(append).build().toByteArray();
    byte[] whole =
        ByteBuffer.allocate(12 + header.length + payload.length)
            .put(frame(MAGIC, header.length, payload.length, header))
            .put(payload)
            .array();
    for (int cut = 1; cut < whole.length; cut = cut < 60 ? cut + 1 : cut + 333) {
      try (DataClient client = DataClient.stream(server.address())) {
        Connection raw = new SocketTransport().connect(server.address(), Duration.ofSeconds(5));
        try (raw) {
          FrameChannel opened = new FrameChannel(raw);
          opened.send(DataHeader.newBuilder().setOpenChain(OpenChain.getDefaultInstance()).build());
          assertEquals(0, opened.receive().getAck().getSequence());
          raw.write(ByteBuffer.wrap(whole, 0, cut));
        }
        client.send(1, List.of(), new byte[0], false);
        client.awaitAck(1);
      }
    }
    assertEquals(1, server.store.count());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void randomBytes_neverHurt(long seed) throws IOException {
    Random random = new Random(seed);
    byte[] header =
        DataHeader.newBuilder()
            .setAppend(
                Append.newBuilder().setSequence(1).addParts(DataClient.part(2, 0, kept, true)))
            .build()
            .toByteArray();
    for (int round = 0; round < 60; round++) {
      byte[] raw = frame(MAGIC, header.length, random.nextInt(200_000), header);
      for (int flips = random.nextInt(8); flips >= 0; flips--) {
        raw[random.nextInt(raw.length)] = (byte) random.nextInt(256);
      }
      Connection connection =
          new SocketTransport().connect(server.address(), Duration.ofSeconds(5));
      try (connection) {
        if (random.nextBoolean()) {
          new FrameChannel(connection)
              .send(DataHeader.newBuilder().setOpenChain(OpenChain.getDefaultInstance()).build());
        }
        connection.write(ByteBuffer.wrap(raw), ByteBuffer.wrap(bytes(1000, round)));
      } catch (CairnException e) {
        assertTrue(e.code() == ErrorCode.UNREACHABLE, "seed " + seed + ": " + e);
      }
    }
  }

  @Test
  void moreConnectionsThanAllowed_areRefusedUntilOneEnds() throws IOException {
    DataPortSettings few =
        new DataPortSettings(
            2,
            64L << 20,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            Duration.ofMillis(200));
    try (TestServer small = TestServer.with(2, directory.resolve("b"), few)) {
      try (DataClient one = DataClient.stream(small.address());
          DataClient two = DataClient.stream(small.address());
          DataClient three = new DataClient(small.address())) {
        assertEquals(ErrorCode.BUSY.number(), three.awaitFailure().getCode());
        assertEquals(2, small.port.openConnections());
        for (DataClient open : List.of(one, two)) {
          open.send(1, List.of(), new byte[0], false);
          open.awaitAck(1);
        }
      }
      Conditions.await("the connections to end", () -> small.port.openConnections() == 0);
      DataClient.stream(small.address()).close();
    }
  }
}
