package dev.cairn.client.cluster;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.EmptyTrashRequest;
import dev.cairn.rpc.proto.FindTrashReply;
import dev.cairn.rpc.proto.FindTrashRequest;
import dev.cairn.rpc.proto.ListTrashReply;
import dev.cairn.rpc.proto.ListTrashRequest;
import dev.cairn.rpc.proto.RestoreTrashRequest;
import dev.cairn.rpc.proto.TrashOutcome;
import dev.cairn.rpc.proto.TrashServiceGrpc;
import java.time.Duration;
import java.util.List;

/** A connection to a master's TrashService. */
public final class TrashClient implements Trash {

  private final MasterConnection master;

  /** A connection on which an answer comes within the timeout, or an error. */
  public TrashClient(Masters masters, Duration timeout) {
    this.master = new MasterConnection(masters, timeout);
  }

  @Override
  public ListTrashReply page(ListTrashRequest request) throws CairnException {
    return master.ask(TrashServiceGrpc.getListTrashMethod(), request);
  }

  @Override
  public FindTrashReply find(ByteString path) throws CairnException {
    return master.ask(
        TrashServiceGrpc.getFindTrashMethod(), FindTrashRequest.newBuilder().setPath(path).build());
  }

  @Override
  public List<TrashOutcome> restore(RestoreTrashRequest request) throws CairnException {
    return master.askOnce(TrashServiceGrpc.getRestoreTrashMethod(), request).getOutcomesList();
  }

  @Override
  public int empty(List<Long> inodes) throws CairnException {
    EmptyTrashRequest request = EmptyTrashRequest.newBuilder().addAllInodes(inodes).build();
    return master.askOnce(TrashServiceGrpc.getEmptyTrashMethod(), request).getGone();
  }

  @Override
  public void close() {
    master.close();
  }
}
