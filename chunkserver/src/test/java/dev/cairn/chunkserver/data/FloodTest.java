package dev.cairn.chunkserver.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.wire.FrameChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many connections that ask for much and say little: others are served all the time. */
final class FloodTest {

  private static final int CONNECTIONS = 2000;
  private static final byte[] LOOPBACK = {127, 0, 0, 1};
  private static final byte[] ANNOUNCEMENT =
      ByteBuffer.allocate(12)
          .putInt(0x43524e31)
          .putInt(FrameChannel.MAX_HEADER_BYTES)
          .putInt(FrameChannel.MAX_PAYLOAD_BYTES)
          .array();

  @TempDir Path directory;
  private TestServer server;
  private final byte[] kept = new byte[100_000];

  @BeforeEach
  void start() throws IOException {
    new Random(1).nextBytes(kept);
    server = TestServer.on(1, directory.resolve("a"));
    try (DataClient client = DataClient.stream(server.address())) {
      client.send(1, DataClient.part(1, 0, kept, false), kept);
      client.awaitAck(1);
    }
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getByAddress(LOOPBACK), server.address().port());
  }

  private void assertServes() throws IOException {
    try (DataClient client = new DataClient(server.address())) {
      assertArrayEquals(kept, client.readBytes(1, 0, kept.length));
    }
  }

  private void flood(byte[] first) throws IOException {
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 1; i <= CONNECTIONS; i++) {
        Socket socket = connect();
        sockets.add(socket);
        socket.getOutputStream().write(first);
        if (i % 200 == 0) {
          assertServes();
        }
      }
      assertServes();
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void longHeadersThatAreOnlyAnnounced_keepNobodyOut() throws IOException {
    flood(ANNOUNCEMENT);
  }

  @Test
  void connectionsThatSayNothing_keepNobodyOut() throws IOException {
    flood(new byte[0]);
  }

  @Test
  void aHeaderThatTrickles_isNotWaitedFor() throws IOException {
    try (Socket socket = connect()) {
      socket.setSoTimeout(50);
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      boolean open = true;
      for (int i = 0; open; i++) {
        assertTrue(System.nanoTime() < deadline, "the server still reads after " + i + " bytes");
        open = trickles(socket, i);
      }
    }
    assertServes();
  }

  /** Sends another byte, and looks whether the server has closed the connection. */
  private static boolean trickles(Socket socket, int i) {
    try {
      socket.getOutputStream().write(i < ANNOUNCEMENT.length ? ANNOUNCEMENT[i] : 0);
      return socket.getInputStream().read() >= 0;
    } catch (SocketTimeoutException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
