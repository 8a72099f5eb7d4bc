package dev.cairn.master.raft;

import dev.cairn.rpc.HostPort;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One of several masters, as an operator names it: {@code HOST:PORT} or {@code HOST:PORT/RAFTPORT}.
 *
 * @param control where clients and chunk servers find it
 * @param raft where the other masters find it
 */
public record Peer(HostPort control, HostPort raft) {

  private static final int RAFT_PORT_DISTANCE = 10_000;
  private static final int MOST_PORT = 65_535;

  /** Reads a list of masters. */
  public static List<Peer> parseAll(String text) {
    List<Peer> peers = new ArrayList<>();
    Set<HostPort> names = new HashSet<>();
    Set<HostPort> ports = new HashSet<>();
    for (String word : text.split(",", -1)) {
      Peer peer = parse(word.strip());
      if (!names.add(peer.control())) {
        throw new IllegalArgumentException(
            "--peers names the master " + peer.control() + " twice: name each once");
      }
      if (!ports.add(peer.control()) || !ports.add(peer.raft())) {
        throw new IllegalArgumentException(
            "--peers uses a port twice at %s: write HOST:PORT/RAFTPORT with another one"
                .formatted(peer));
      }
      peers.add(peer);
    }
    return peers;
  }

  /** Reads the name of one master. */
  public static Peer parse(String text) {
    int slash = text.indexOf('/');
    HostPort control = HostPort.parsePeer(slash < 0 ? text : text.substring(0, slash));
    if (slash < 0) {
      return new Peer(control, new HostPort(control.host(), raftPort(control.port())));
    }
    HostPort raft = HostPort.parsePeer(withPort(control, text.substring(slash + 1)));
    return new Peer(control, raft);
  }

  private static String withPort(HostPort control, String port) {
    String text = control.toString();
    return text.substring(0, text.lastIndexOf(':') + 1) + port;
  }

  private static int raftPort(int controlPort) {
    return controlPort + RAFT_PORT_DISTANCE <= MOST_PORT
        ? controlPort + RAFT_PORT_DISTANCE
        : controlPort - RAFT_PORT_DISTANCE;
  }

  @Override
  public String toString() {
    return raft.port() == raftPort(control.port())
        ? control.toString()
        : control + "/" + raft.port();
  }
}
