package dev.cairn.master;

import dev.cairn.master.raft.Peer;
import dev.cairn.rpc.HostPort;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The list of masters, as the command takes it. */
final class Peers {

  private static final Logger LOG = LoggerFactory.getLogger(Peers.class);

  private Peers() {}

  /**
   * Which of the masters listens there.
   *
   * @throws IllegalArgumentException with a sentence for the user when none does
   */
  static Peer self(List<Peer> masters, HostPort listen) {
    if (listen.port() == 0) {
      throw new IllegalArgumentException(
          "--listen has port 0, and other masters could not find this one: give it a port");
    }
    if (masters.size() % 2 == 0) {
      LOG.warn(
          "--peers names {} masters: no more of them may fail than of {}",
          masters.size(),
          masters.size() - 1);
    }
    for (Peer master : masters) {
      if (master.control().equals(listen)) {
        return master;
      }
    }
    List<Peer> here =
        masters.stream()
            .filter(master -> master.control().port() == listen.port() && isHere(master))
            .toList();
    if (here.size() == 1) {
      return here.get(0);
    }
    throw new IllegalArgumentException(
        "--peers does not name this master, which listens at %s: name it there, too"
            .formatted(listen));
  }

  private static boolean isHere(Peer master) {
    InetAddress address = master.control().resolve().getAddress();
    try {
      return address != null
          && (address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null);
    } catch (SocketException e) {
      return false;
    }
  }
}
