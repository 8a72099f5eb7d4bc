package dev.cairn.rpc.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Ack;
import dev.cairn.rpc.proto.DataHeader;
import dev.cairn.rpc.proto.Failure;
import dev.cairn.rpc.proto.Sync;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames over a socket of this machine. */
@Timeout(60)
final class FrameChannelTest {

  private static final int MAGIC = 0x43524e31;

  private final SocketTransport transport = new SocketTransport();
  private Transport.Listener listener;
  private Connection here;
  private Connection there;

  @BeforeEach
  void connect() throws IOException {
    listener = transport.listen(new HostPort("127.0.0.1", 0));
    here = transport.connect(new HostPort("127.0.0.1", listener.port()), Duration.ofSeconds(5));
    there = listener.accept();
    here.deadline(Duration.ofSeconds(30));
    there.deadline(Duration.ofSeconds(30));
  }

  @AfterEach
  void close() {
    here.close();
    there.close();
    listener.close();
  }

  private static DataHeader ack(long sequence) {
    return DataHeader.newBuilder().setAck(Ack.newBuilder().setSequence(sequence)).build();
  }

  private static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static DataHeader header(int ids) {
    Sync.Builder sync = Sync.newBuilder();
    for (int i = 0; i < ids; i++) {
      sync.addChunkIds(1L << 60);
    }
    return DataHeader.newBuilder().setSync(sync).build();
  }

  private static CairnException fails(ErrorCode code, FrameChannel channel) {
    CairnException e = assertThrows(CairnException.class, channel::receive);
    assertEquals(code, e.code(), e.getMessage());
    return e;
  }

  /** Headers and payloads of every size, in both kinds of buffers, read in pieces or skipped. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void frames_arriveAsTheyWereSent(long seed) throws Exception {
    Random sizes = new Random(seed);
    int frames = 200;
    List<DataHeader> headers = new ArrayList<>();
    List<byte[]> payloads = new ArrayList<>();
    for (int i = 0; i < frames; i++) {
      headers.add(sizes.nextInt(5) == 0 ? header(sizes.nextInt(25_000)) : ack(i));
      payloads.add(random(sizes.nextInt(3) == 0 ? sizes.nextInt(300_000) : sizes.nextInt(50), i));
    }
    Thread sender = new Thread(() -> sendAll(headers, payloads));
    sender.start();
    FrameChannel channel = new FrameChannel(there);
    Random reading = new Random(seed);
    for (int i = 0; i < frames; i++) {
      String where = "seed " + seed + ", frame " + i;
      assertEquals(headers.get(i), channel.receive(), where);
      assertEquals(payloads.get(i).length, channel.payloadRemaining(), where);
      byte[] read = new byte[payloads.get(i).length];
      int taken = reading.nextInt(read.length + 1);
      channel.readPayload(ByteBuffer.wrap(read, 0, taken));
      if (reading.nextBoolean()) {
        channel.readPayload(ByteBuffer.wrap(read, taken, read.length - taken));
        assertArrayEquals(payloads.get(i), read, where);
      } else {
        channel.skipPayload();
      }
    }
    sender.join();
    here.close();
    assertNull(channel.receive());
  }

  private void sendAll(List<DataHeader> headers, List<byte[]> payloads) {
    FrameChannel channel = new FrameChannel(here);
    try {
      for (int i = 0; i < headers.size(); i++) {
        byte[] bytes = payloads.get(i);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        int half = bytes.length / 2;
        if (i % 2 == 0) {
          channel.send(headers.get(i), direct);
        } else {
          channel.send(
              headers.get(i),
              ByteBuffer.wrap(bytes, 0, half),
              ByteBuffer.allocate(0),
              direct.position(half));
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void send_fromManyThreads_keepsFramesWhole() throws Exception {
    FrameChannel sending = new FrameChannel(here);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      byte mark = (byte) t;
      Thread thread =
          new Thread(
              () -> {
                byte[] payload = new byte[10_000];
                java.util.Arrays.fill(payload, mark);
                try {
                  for (int i = 0; i < 100; i++) {
                    sending.send(ack(mark), ByteBuffer.wrap(payload));
                  }
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      threads.add(thread);
      thread.start();
    }
    FrameChannel receiving = new FrameChannel(there);
    for (int i = 0; i < 400; i++) {
      long mark = receiving.receive().getAck().getSequence();
      byte[] payload = new byte[receiving.payloadRemaining()];
      receiving.readPayload(ByteBuffer.wrap(payload));
      for (byte b : payload) {
        assertEquals(mark, b);
      }
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void write(int magic, int headerBytes, int payloadBytes) throws IOException {
    here.write(
        ByteBuffer.allocate(12).putInt(magic).putInt(headerBytes).putInt(payloadBytes).flip());
  }

  @Test
  void receive_ofAnotherMagic_isAProtocolError() throws IOException {
    write(MAGIC + 1, 0, 0);
    fails(ErrorCode.PROTOCOL, new FrameChannel(there));
  }

  @Test
  void receive_ofLengthsOverTheBounds_isAProtocolError() throws IOException {
    int[][] lengths = {
      {FrameChannel.MAX_HEADER_BYTES + 1, 0},
      {-1, 0},
      {0, FrameChannel.MAX_PAYLOAD_BYTES + 1},
      {0, Integer.MIN_VALUE}
    };
    for (int[] pair : lengths) {
      close();
      connect();
      write(MAGIC, pair[0], pair[1]);
      fails(ErrorCode.PROTOCOL, new FrameChannel(there));
    }
  }

  @Test
  void receive_ofTheLargestFrame_works() throws Exception {
    byte[] payload = random(FrameChannel.MAX_PAYLOAD_BYTES, 1);
    String message = "x".repeat(FrameChannel.MAX_HEADER_BYTES - 100);
    DataHeader header =
        DataHeader.newBuilder().setFailure(Failure.newBuilder().setMessage(message)).build();
    Thread sender = new Thread(() -> sendAll(List.of(header), List.of(payload)));
    sender.start();
    FrameChannel channel = new FrameChannel(there);
    assertEquals(header, channel.receive());
    ByteBuffer read = ByteBuffer.allocateDirect(payload.length);
    channel.readPayload(read);
    assertEquals(ByteBuffer.wrap(payload), read.flip());
    sender.join();
  }

  @Test
  void receive_ofAHeaderThatCannotBeRead_isAProtocolError() throws IOException {
    write(MAGIC, 3, 0);
    here.write(ByteBuffer.wrap(new byte[] {-1, -1, -1}));
    fails(ErrorCode.PROTOCOL, new FrameChannel(there));
  }

  @Test
  void receive_whenTheOtherSideBreaksOffInAFrame_isUnreachable() throws IOException {
    byte[] header = ack(5).toByteArray();
    for (int cut = 1; cut < 12 + header.length; cut++) {
      close();
      connect();
      ByteBuffer frame = ByteBuffer.allocate(12 + header.length);
      frame.putInt(MAGIC).putInt(header.length).putInt(100).put(header).flip();
      here.write(frame.limit(cut));
      here.close();
      fails(ErrorCode.UNREACHABLE, new FrameChannel(there));
    }
  }

  @Test
  void payload_thatBreaksOff_isUnreachable() throws IOException {
    byte[] header = ack(5).toByteArray();
    write(MAGIC, header.length, 100);
    here.write(ByteBuffer.wrap(header), ByteBuffer.allocate(60));
    here.close();
    FrameChannel channel = new FrameChannel(there);
    assertEquals(ack(5), channel.receive());
    CairnException e =
        assertThrows(CairnException.class, () -> channel.readPayload(ByteBuffer.allocate(100)));
    assertEquals(ErrorCode.UNREACHABLE, e.code());
  }

  @Test
  void receive_withThePayloadUnread_isABug() throws IOException {
    new FrameChannel(here).send(ack(1), ByteBuffer.allocate(10));
    FrameChannel channel = new FrameChannel(there);
    channel.receive();
    assertThrows(IllegalStateException.class, channel::receive);
    assertThrows(IllegalStateException.class, () -> channel.readPayload(ByteBuffer.allocate(11)));
  }

  @Test
  void deadline_thatPasses_endsTheWaitAsTimedOut() {
    FrameChannel channel = new FrameChannel(there);
    long start = System.nanoTime();
    channel.deadline(Duration.ofMillis(150));
    fails(ErrorCode.TIMED_OUT, channel);
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    assertTrue(millis >= 140 && millis < 10_000, millis + " ms");
  }

  @Test
  void deadline_endsASendThatNobodyTakes() {
    FrameChannel channel = new FrameChannel(here);
    channel.deadline(Duration.ofMillis(300));
    ByteBuffer payload = ByteBuffer.allocateDirect(FrameChannel.MAX_PAYLOAD_BYTES);
    CairnException e =
        assertThrows(
            CairnException.class,
            () -> {
              while (true) {
                channel.send(ack(1), payload.duplicate());
              }
            });
    assertEquals(ErrorCode.TIMED_OUT, e.code());
  }

  @Test
  void deadline_thatIsClearedOrMoved_doesNotEndTheWait() throws Exception {
    FrameChannel channel = new FrameChannel(there);
    channel.deadline(Duration.ofMillis(1));
    channel.clearDeadline();
    channel.deadline(Duration.ofMillis(1));
    channel.deadline(Duration.ofSeconds(30));
    // Two rounds of the thread that looks for overdue connections have passed when this one is.
    Connection other =
        transport.connect(new HostPort("127.0.0.1", listener.port()), Duration.ofSeconds(5));
    try (other) {
      other.deadline(Duration.ofMillis(2 * Deadlines.PERIOD_MILLIS));
      fails(ErrorCode.TIMED_OUT, new FrameChannel(other));
    }
    new FrameChannel(here).send(ack(9));
    assertEquals(9, channel.receive().getAck().getSequence());
  }

  @Test
  void close_fromAnotherThread_endsAWait() throws Exception {
    FrameChannel channel = new FrameChannel(there);
    Thread closer = new Thread(channel::close);
    closer.start();
    fails(ErrorCode.UNREACHABLE, channel);
    closer.join();
  }
}
