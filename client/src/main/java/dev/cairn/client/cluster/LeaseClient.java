package dev.cairn.client.cluster;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.EndLeaseRequest;
import dev.cairn.rpc.proto.LeaseServiceGrpc;
import dev.cairn.rpc.proto.LeaseServiceGrpc.LeaseServiceBlockingStub;
import dev.cairn.rpc.proto.LeaseStatus;
import dev.cairn.rpc.proto.ListLeasesReply;
import dev.cairn.rpc.proto.ListLeasesRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A connection to a master's LeaseService. */
public final class LeaseClient implements Leases {

  private static final long WITHIN_SECONDS = 10;

  private final HostPort master;
  private final ManagedChannel channel;

  public LeaseClient(HostPort master) {
    this.master = master;
    this.channel = ControlPlane.channel(master);
  }

  @Override
  public List<LeaseStatus> all() throws CairnException {
    List<LeaseStatus> all = new ArrayList<>();
    ListLeasesReply page = ListLeasesReply.getDefaultInstance();
    while (!page.getEnd()) {
      ListLeasesRequest request =
          ListLeasesRequest.newBuilder().setAfterInode(page.getNextInode()).build();
      page = ask(stub -> stub.listLeases(request));
      all.addAll(page.getLeasesList());
    }
    return all;
  }

  @Override
  public String end(long inode) throws CairnException {
    EndLeaseRequest request = EndLeaseRequest.newBuilder().setInode(inode).build();
    return ask(stub -> stub.endLease(request)).getHolder();
  }

  private <R> R ask(Function<LeaseServiceBlockingStub, R> question) throws CairnException {
    try {
      return question.apply(
          LeaseServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(WITHIN_SECONDS, TimeUnit.SECONDS));
    } catch (StatusRuntimeException e) {
      throw GrpcErrors.fromThrowable(e, "the master at " + master);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
