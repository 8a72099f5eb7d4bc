package dev.cairn.client.cluster;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.GetMastersReply;
import java.util.List;

/** The masters of a cluster, as an operator sees them. To be closed. */
public interface MasterGroup extends AutoCloseable {

  /**
   * What a master says of all of them.
   *
   * @param reply null when it says nothing
   * @param silence why it says nothing, for the end of a sentence; empty when it does
   */
  record Answer(HostPort master, GetMastersReply reply, String silence) {

    public boolean isThere() {
      return reply != null;
    }
  }

  /** Asks each master, those that others name as well; takes some seconds at most. */
  List<Answer> ask();

  /**
   * Has another master lead.
   *
   * @param to its control address; empty: the one that has most of the log
   * @return the control address of the one that leads now
   */
  String lead(String to) throws CairnException;

  /** Makes a master that was started on an empty directory one of the others. */
  void add(HostPort master) throws CairnException;

  /** Takes a master away, whether it runs or not. */
  void remove(HostPort master) throws CairnException;

  @Override
  void close();
}
