package dev.cairn.client.cluster;

import dev.cairn.client.ClientSettings;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.EndLeaseRequest;
import dev.cairn.rpc.proto.LeaseServiceGrpc;
import dev.cairn.rpc.proto.LeaseStatus;
import dev.cairn.rpc.proto.ListLeasesReply;
import dev.cairn.rpc.proto.ListLeasesRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A connection to a master's LeaseService. */
public final class LeaseClient implements Leases {

  private final MasterConnection master;

  /** A connection with the usual timeout of commands. */
  public LeaseClient(Masters masters) {
    this(masters, ClientSettings.COMMAND_TIMEOUT);
  }

  /** A connection on which an answer comes within the timeout, or an error. */
  public LeaseClient(Masters masters, Duration timeout) {
    this.master = new MasterConnection(masters, timeout);
  }

  @Override
  public List<LeaseStatus> all() throws CairnException {
    List<LeaseStatus> all = new ArrayList<>();
    ListLeasesReply page = ListLeasesReply.getDefaultInstance();
    while (!page.getEnd()) {
      ListLeasesRequest request =
          ListLeasesRequest.newBuilder().setAfterInode(page.getNextInode()).build();
      page = master.ask(LeaseServiceGrpc.getListLeasesMethod(), request);
      all.addAll(page.getLeasesList());
    }
    return all;
  }

  @Override
  public String end(long inode) throws CairnException {
    EndLeaseRequest request = EndLeaseRequest.newBuilder().setInode(inode).build();
    return master.askOnce(LeaseServiceGrpc.getEndLeaseMethod(), request).getHolder();
  }

  @Override
  public void close() {
    master.close();
  }
}
