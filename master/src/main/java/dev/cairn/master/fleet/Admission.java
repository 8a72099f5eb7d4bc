package dev.cairn.master.fleet;

import dev.cairn.master.record.proto.ChunkServer;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;

/**
 * Decides which process is a chunk server when several say so, as after a data directory was copied
 * or a machine cloned.
 *
 * <p>A process at the address the server had is a restart: it holds the port, so that the one
 * before it is dead. A process at another address is a second one, and waits until the first has
 * been silent for as long as makes a server dead, or has said that it ends. A process that was
 * replaced stays so as long as the one in its place lives, even at the same address: two machines
 * may call themselves by one name.
 */
final class Admission {

  private Admission() {}

  /**
   * Refuses a second process.
   *
   * @param server as it is known; null when it is new
   * @param silent whether nothing was heard of the known process for as long as makes it dead
   * @throws CairnException {@code IDENTITY_IN_USE}, with a sentence that names both addresses
   */
  static void check(FleetServer server, ChunkServer asking, long incarnation, boolean silent)
      throws CairnException {
    if (server == null || server.left || silent || isSameProcess(server, incarnation)) {
      return;
    }
    if (!server.replaced.contains(incarnation) && address(server.row).equals(address(asking))) {
      return;
    }
    throw ErrorCode.IDENTITY_IN_USE.because(
        "two processes are chunk server "
            + asking.getId()
            + ": one at "
            + address(server.row)
            + ", and one at "
            + address(asking)
            + ", which is refused as long as the other lives: stop the copy, or start it on empty"
            + " directories");
  }

  private static boolean isSameProcess(FleetServer server, long incarnation) {
    return incarnation != FleetServer.NO_INCARNATION && server.incarnation == incarnation;
  }

  /** Tells a process that another one is the server. */
  static String replaced(FleetServer server) {
    return "another process is chunk server "
        + server.row.getId()
        + " now, at "
        + address(server.row)
        + ": this one serves no more";
  }

  private static HostPort address(ChunkServer row) {
    return new HostPort(row.getHost(), row.getDataPort());
  }
}
