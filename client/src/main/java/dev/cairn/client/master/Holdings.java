package dev.cairn.client.master;

import dev.cairn.rpc.proto.HeldLease;
import java.util.List;
import java.util.Set;

/** What this client has open and holds, as its session tells the master, and learns of it. */
public interface Holdings {

  /** The inodes that are open. */
  Set<Long> openInodes();

  /** Those of them that were opened for writing. */
  Set<Long> writtenInodes();

  List<HeldLease> leases();

  /** These leases are over. */
  void leasesLost(List<HeldLease> lost);

  /** The master was started anew: it may know less than before. */
  void masterRestarted();

  /** The session has expired; told before another one is there. */
  void sessionLost(Registration session);
}
