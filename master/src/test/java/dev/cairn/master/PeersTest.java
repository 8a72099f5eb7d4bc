package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.raft.Peer;
import dev.cairn.rpc.HostPort;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PeersTest {

  private static final List<Peer> MASTERS =
      Peer.parseAll("127.0.0.1:9421,127.0.0.1:9422,192.0.2.1:9423");

  @Test
  void aMaster_isTheOneThatListensThere() {
    assertEquals(MASTERS.get(1), Peers.self(MASTERS, HostPort.parse("127.0.0.1:9422")));
  }

  @Test
  void aMaster_thatListensEverywhere_isTheOneOfThisMachine() {
    assertEquals(MASTERS.get(0), Peers.self(MASTERS, HostPort.parse("0.0.0.0:9421")));
  }

  @Test
  void aMaster_thatTheListDoesNotName_isRefused() {
    assertSays("does not name this master", "127.0.0.1:9429");
    assertSays("does not name this master", "0.0.0.0:9423");
  }

  @Test
  void aMaster_thatNobodyCouldFind_isRefused() {
    assertSays("--listen has port 0", "127.0.0.1:0");
  }

  private static void assertSays(String words, String listen) {
    IllegalArgumentException why =
        assertThrows(
            IllegalArgumentException.class, () -> Peers.self(MASTERS, HostPort.parse(listen)));
    assertTrue(why.getMessage().contains(words), why.getMessage());
  }
}
