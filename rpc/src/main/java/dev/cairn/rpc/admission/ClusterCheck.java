package dev.cairn.rpc.admission;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;

/** Tells the cluster that a server serves from the one a client belongs to. */
public final class ClusterCheck {

  private ClusterCheck() {}

  /**
   * Refuses a client of another cluster.
   *
   * @param served the id of the server's cluster; empty when it serves any
   * @param claimed the id of the client's cluster; empty when the client knows none yet
   * @throws CairnException {@code OTHER_CLUSTER}
   */
  public static void require(String served, String claimed) throws CairnException {
    if (!served.isEmpty() && !claimed.isEmpty() && !served.equals(claimed)) {
      throw ErrorCode.OTHER_CLUSTER.because(
          "the master is of cluster " + served + ", and this client belongs to cluster " + claimed);
    }
  }
}
