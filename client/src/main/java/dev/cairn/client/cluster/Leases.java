package dev.cairn.client.cluster;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.LeaseStatus;
import java.util.List;

/** Who has leases of files in a cluster. To be closed. */
public interface Leases extends AutoCloseable {

  List<LeaseStatus> all() throws CairnException;

  /** Ends a lease, whoever has it; answers who had it, or nothing when nobody had one. */
  String end(long inode) throws CairnException;

  @Override
  void close();
}
