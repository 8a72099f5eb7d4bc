package dev.cairn.client.local;

import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;

/**
 * Finds ports nobody listens at. They are looked for below the range that systems take the ports of
 * outgoing connections from, so that they are still free at the next start; the search begins at a
 * place that depends on the cluster's directory, so that two clusters started at once do not race
 * for the same.
 */
final class Ports {

  private static final int FIRST = 10_000;
  private static final int COUNT = 20_000;

  private final Set<Integer> taken;
  private int next;

  /**
   * @param taken ports that are meant for others, and that what is found is added to
   */
  Ports(ClusterDirectory directory, Set<Integer> taken) {
    this.taken = taken;
    this.next = Math.floorMod(directory.root().toString().hashCode(), COUNT);
  }

  /** Begins the search far from where the ports of servers are looked for. */
  static Ports farFromOthers(ClusterDirectory directory, Set<Integer> taken) {
    Ports ports = new Ports(directory, taken);
    ports.next = (ports.next + COUNT / 2) % COUNT;
    return ports;
  }

  int free() throws IOException {
    for (int tries = 0; tries < COUNT; tries++) {
      int port = FIRST + next;
      next = (next + 1) % COUNT;
      if (!taken.contains(port) && isFree(port)) {
        taken.add(port);
        return port;
      }
    }
    throw ErrorCode.IO.because("no port from " + FIRST + " to " + (FIRST + COUNT) + " is free");
  }

  /** The port, which is not given to anybody else from now on. */
  int taken(int port) {
    taken.add(port);
    return port;
  }

  static boolean isFree(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      // As the servers do: connections that linger from before are no reason against a port.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (java.net.BindException e) {
      return false;
    }
  }
}
