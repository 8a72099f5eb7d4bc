package dev.cairn.rpc.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ServedPeersTest {

  private final ServedPeers peers = new ServedPeers(4, 3);
  private final List<String> closed = new ArrayList<>();

  private ServedPeer admit(int host, String name, long nowSeconds) throws Exception {
    InetAddress address = InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) host});
    return peers.admit(address, () -> closed.add(name), nanos(nowSeconds));
  }

  private static long nanos(long seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }

  @Test
  void oneConnectionMoreThanAnAddressMayHave_closesTheOldestThatNeverSpoke() throws Exception {
    ServedPeer spoken = admit(1, "spoken", 0);
    spoken.asked(nanos(0));
    spoken.answered(nanos(0));
    admit(1, "silent", 1);
    admit(1, "silent too", 2);
    admit(1, "new", 3);
    assertEquals(List.of("silent"), closed);
    assertEquals(3, peers.count());
  }

  @Test
  void oneConnectionMoreThanThereMayBe_closesTheOneThatIsIdleLongest() throws Exception {
    for (int host = 1; host <= 4; host++) {
      ServedPeer peer = admit(host, "peer " + host, 0);
      peer.asked(nanos(10 - host));
      if (host < 4) {
        peer.answered(nanos(10 - host));
      }
    }
    admit(5, "new", 20);
    assertEquals(List.of("peer 3"), closed);
    peers.gone(admit(6, "newer", 21));
    assertEquals(List.of("peer 3", "new"), closed);
    assertEquals(3, peers.count());
  }

  @Test
  void aConnectionIsRefused_onlyWhereAllOthersAreWaitedFor() throws Exception {
    for (int i = 0; i < 3; i++) {
      admit(1, "busy", 0).asked(nanos(0));
    }
    CairnException refused = assertThrows(CairnException.class, () -> admit(1, "new", 1));
    assertEquals(ErrorCode.OVERLOADED, refused.code());
    admit(2, "of another address", 1);
    assertEquals(List.of(), closed);
  }

  @Test
  void connectionsThatSayNothingForSeconds_orNothingForAMinute_areClosed() throws Exception {
    admit(1, "silent", 0);
    ServedPeer idle = admit(1, "idle", 0);
    idle.asked(nanos(1));
    idle.answered(nanos(1));
    admit(1, "waited for", 0).asked(nanos(1));
    peers.closeIdle(nanos(5));
    assertEquals(List.of(), closed);
    peers.closeIdle(nanos(6));
    assertEquals(List.of("silent"), closed);
    peers.closeIdle(nanos(61));
    assertEquals(List.of("silent"), closed);
    peers.closeIdle(nanos(62));
    assertEquals(List.of("silent", "idle"), closed);
    assertEquals(1, peers.count());
  }
}
