package dev.cairn.master.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.HostPort;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PeerTest {

  @Test
  void thePortOfTheLog_followsFromTheOther_orIsSaid() {
    assertEquals(new HostPort("m1", 19420), Peer.parse("m1:9420").raft());
    assertEquals(new HostPort("m1", 7), Peer.parse("m1:9420/7").raft());
    assertEquals(new HostPort("m1", 50000), Peer.parse("m1:60000").raft());
    assertEquals(new HostPort("::1", 7), Peer.parse("[::1]:9420/7").raft());
  }

  @Test
  void aPeer_isShownAsItIsWritten() {
    for (String text : List.of("m1:9420", "m1:9420/7", "[::1]:9420")) {
      assertEquals(text, Peer.parse(text).toString());
    }
  }

  @Test
  void aListWithAnAddressTwice_isRefused() {
    assertSays("m1:1 twice", "m1:1,m2:1,m1:1");
    assertSays("m1:2/7: write HOST:PORT/RAFTPORT", "m1:1/7,m1:2/7");
    assertSays("m1:10001: write HOST:PORT/RAFTPORT", "m1:1,m1:10001");
  }

  @Test
  void aListThatIsNone_isRefused() {
    assertSays("is not an address", "m1:1,");
    assertSays("is not a port number", "m1:1/x");
  }

  private static void assertSays(String words, String list) {
    IllegalArgumentException why =
        assertThrows(IllegalArgumentException.class, () -> Peer.parseAll(list));
    assertTrue(why.getMessage().contains(words), why.getMessage());
  }
}
