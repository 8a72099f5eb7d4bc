package dev.cairn.client.cluster;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.ScrubReply;
import dev.cairn.rpc.proto.ScrubRequest;
import java.time.Duration;

/** The chunk servers of a cluster, as an operator sees them. */
public interface Servers extends AutoCloseable {

  GetStatusReply status() throws CairnException;

  /** Has a server emptied, or no longer so. */
  void drain(int server, boolean draining) throws CairnException;

  /** Takes a dead server off the list; refused while it may hold what is needed. */
  void forget(int server) throws CairnException;

  /** Announces that a server will be away for a time; a time of zero ends that. */
  void maintain(int server, Duration time) throws CairnException;

  /** Has chunk servers check all their chunks. */
  ScrubReply scrub(ScrubRequest request) throws CairnException;

  @Override
  void close();
}
