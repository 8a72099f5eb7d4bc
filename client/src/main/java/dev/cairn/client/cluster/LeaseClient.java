package dev.cairn.client.cluster;

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

  private static final Duration WITHIN = Duration.ofSeconds(10);

  private final MasterConnection<LeaseServiceBlockingStub> master;

  public LeaseClient(HostPort master) {
    this.master = new MasterConnection<>(master, LeaseServiceGrpc::newBlockingStub);
  }

  @Override
  public List<LeaseStatus> all() throws CairnException {
    List<LeaseStatus> all = new ArrayList<>();
    ListLeasesReply page = ListLeasesReply.getDefaultInstance();
    while (!page.getEnd()) {
      ListLeasesRequest request =
          ListLeasesRequest.newBuilder().setAfterInode(page.getNextInode()).build();
      page = master.ask(WITHIN, stub -> stub.listLeases(request));
      all.addAll(page.getLeasesList());
    }
    return all;
  }

  @Override
  public String end(long inode) throws CairnException {
    EndLeaseRequest request = EndLeaseRequest.newBuilder().setInode(inode).build();
    return master.ask(WITHIN, stub -> stub.endLease(request)).getHolder();
  }

  @Override
  public void close() {
    master.close();
  }
}
