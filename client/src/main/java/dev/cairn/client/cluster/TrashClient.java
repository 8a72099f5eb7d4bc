package dev.cairn.client.cluster;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.EmptyTrashRequest;
import dev.cairn.rpc.proto.FindTrashReply;
import dev.cairn.rpc.proto.FindTrashRequest;
import dev.cairn.rpc.proto.ListTrashReply;
import dev.cairn.rpc.proto.ListTrashRequest;
import dev.cairn.rpc.proto.RestoreTrashRequest;
import dev.cairn.rpc.proto.TrashOutcome;
import dev.cairn.rpc.proto.TrashServiceGrpc;
import dev.cairn.rpc.proto.TrashServiceGrpc.TrashServiceBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A connection to a master's TrashService. */
public final class TrashClient implements Trash {

  private static final long WITHIN_SECONDS = 30;

  private final HostPort master;
  private final ManagedChannel channel;

  public TrashClient(HostPort master) {
    this.master = master;
    this.channel = ControlPlane.channel(master);
  }

  @Override
  public ListTrashReply page(ListTrashRequest request) throws CairnException {
    return ask(stub -> stub.listTrash(request));
  }

  @Override
  public FindTrashReply find(ByteString path) throws CairnException {
    return ask(stub -> stub.findTrash(FindTrashRequest.newBuilder().setPath(path).build()));
  }

  @Override
  public List<TrashOutcome> restore(RestoreTrashRequest request) throws CairnException {
    return ask(stub -> stub.restoreTrash(request)).getOutcomesList();
  }

  @Override
  public int empty(List<Long> inodes) throws CairnException {
    EmptyTrashRequest request = EmptyTrashRequest.newBuilder().addAllInodes(inodes).build();
    return ask(stub -> stub.emptyTrash(request)).getGone();
  }

  private <R> R ask(Function<TrashServiceBlockingStub, R> question) throws CairnException {
    try {
      return question.apply(
          TrashServiceGrpc.newBlockingStub(channel)
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
