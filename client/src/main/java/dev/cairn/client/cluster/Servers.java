package dev.cairn.client.cluster;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.GetStatusReply;

/** The chunk servers of a cluster, as an operator sees them. */
public interface Servers extends AutoCloseable {

  GetStatusReply status() throws CairnException;

  /** Has a server emptied, or no longer so. */
  void drain(int server, boolean draining) throws CairnException;

  /** Takes a dead server off the list; refused while it may hold what is needed. */
  void forget(int server) throws CairnException;

  @Override
  void close();
}
