package dev.cairn.rpc.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class SocketTransportTest {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final SocketTransport transport = new SocketTransport();

  private Transport.Listener listen() throws IOException {
    return transport.listen(new HostPort("127.0.0.1", 0));
  }

  private static void assertFails(ErrorCode code, String part, Call call) {
    CairnException e = assertThrows(CairnException.class, call::run);
    assertEquals(code, e.code(), e.getMessage());
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  /** Something that may fail. */
  private interface Call {
    void run() throws IOException;
  }

  @Test
  void connect_whereNobodyListens_isUnreachableAndNamesTheAddress() throws IOException {
    HostPort gone;
    try (Transport.Listener listener = listen()) {
      gone = new HostPort("127.0.0.1", listener.port());
    }
    assertFails(
        ErrorCode.UNREACHABLE, gone.toString(), () -> transport.connect(gone, PATIENCE).close());
  }

  @Test
  void connect_toAnUnknownHost_isUnreachable() {
    HostPort unknown = new HostPort("no-such-host.invalid", 1);
    assertFails(
        ErrorCode.UNREACHABLE, "unknown", () -> transport.connect(unknown, PATIENCE).close());
  }

  @Test
  void listen_atATakenPort_isInvalidAndNamesTheAddress() throws IOException {
    try (Transport.Listener listener = listen()) {
      HostPort taken = new HostPort("127.0.0.1", listener.port());
      assertFails(ErrorCode.INVALID, taken.toString(), () -> transport.listen(taken).close());
    }
  }

  @Test
  void accept_failsOnceTheListenerIsClosed() throws Exception {
    Transport.Listener listener = listen();
    Thread closer = new Thread(listener::close);
    closer.start();
    assertThrows(IOException.class, listener::accept);
    closer.join();
  }

  @Test
  void read_atTheEndOfTheStream_isNegative() throws IOException {
    try (Transport.Listener listener = listen()) {
      Connection here = transport.connect(new HostPort("127.0.0.1", listener.port()), PATIENCE);
      try (Connection there = listener.accept()) {
        here.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        here.close();
        ByteBuffer bytes = ByteBuffer.allocate(3);
        while (bytes.hasRemaining()) {
          assertTrue(there.read(bytes) > 0);
        }
        assertEquals(-1, there.read(ByteBuffer.allocate(1)));
      }
      assertThrows(CairnException.class, () -> here.write(ByteBuffer.allocate(1)));
    }
  }
}
