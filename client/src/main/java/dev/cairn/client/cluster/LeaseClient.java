package dev.cairn.client.cluster;

import dev.cairn.client.ClientSettings;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.EndLeaseRequest;
import dev.cairn.rpc.proto.LeaseServiceGrpc;
import dev.cairn.rpc.proto.LeaseServiceGrpc.LeaseServiceBlockingStub;
import dev.cairn.rpc.proto.LeaseStatus;
import dev.cairn.rpc.proto.ListLeasesReply;
import dev.cairn.rpc.proto.ListLeasesRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A connection to a master's LeaseService. */
public final class LeaseClient implements Leases {

  private final MasterConnection<LeaseServiceBlockingStub> master;

  /** A connection with the usual timeout of commands. */
  public LeaseClient(HostPort master) {
    this(master, ClientSettings.COMMAND_TIMEOUT);
  }

  /** A connection on which an answer comes within the timeout, or an error. */
  public LeaseClient(HostPort master, Duration timeout) {
    this.master = new MasterConnection<>(master, timeout, LeaseServiceGrpc::newBlockingStub);
  }

  @Override
  public List<LeaseStatus> all() throws CairnException {
    List<LeaseStatus> all = new ArrayList<>();
    ListLeasesReply page = ListLeasesReply.getDefaultInstance();
    while (!page.getEnd()) {
      ListLeasesRequest request =
          ListLeasesRequest.newBuilder().setAfterInode(page.getNextInode()).build();
      page = master.ask(stub -> stub.listLeases(request));
      all.addAll(page.getLeasesList());
    }
    return all;
  }

  @Override
  public String end(long inode) throws CairnException {
    EndLeaseRequest request = EndLeaseRequest.newBuilder().setInode(inode).build();
    return master.askOnce(stub -> stub.endLease(request)).getHolder();
  }

  @Override
  public void close() {
    master.close();
  }
}
