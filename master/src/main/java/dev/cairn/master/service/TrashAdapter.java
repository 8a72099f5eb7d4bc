package dev.cairn.master.service;

import dev.cairn.master.decide.RestoreDecider;
import dev.cairn.master.decide.TrashDecider;
import dev.cairn.master.log.Writer;
import dev.cairn.master.query.TrashQueries;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.EmptyTrashReply;
import dev.cairn.rpc.proto.EmptyTrashRequest;
import dev.cairn.rpc.proto.FindTrashReply;
import dev.cairn.rpc.proto.FindTrashRequest;
import dev.cairn.rpc.proto.ListTrashReply;
import dev.cairn.rpc.proto.ListTrashRequest;
import dev.cairn.rpc.proto.RestoreTrashReply;
import dev.cairn.rpc.proto.RestoreTrashRequest;
import dev.cairn.rpc.proto.TrashServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;

/** What was deleted and is kept for a time. */
public final class TrashAdapter extends TrashServiceGrpc.TrashServiceImplBase {

  /** So that no other request waits long behind one command. */
  private static final int MOST_INODES = 1000;

  private final Writer writer;
  private final TrashQueries queries;
  private final Executor pool;

  public TrashAdapter(Writer writer, TrashQueries queries, Executor pool) {
    this.writer = writer;
    this.queries = queries;
    this.pool = pool;
  }

  @Override
  public void listTrash(ListTrashRequest request, StreamObserver<ListTrashReply> call) {
    Calls.answerOn(pool, call, () -> queries.list(request));
  }

  @Override
  public void findTrash(FindTrashRequest request, StreamObserver<FindTrashReply> call) {
    Calls.answerOn(pool, call, () -> queries.find(request));
  }

  @Override
  public void restoreTrash(RestoreTrashRequest request, StreamObserver<RestoreTrashReply> call) {
    writer.submit(
        Writer.OPERATORS,
        (view, now) -> {
          check(request.getInodesCount());
          return RestoreDecider.restore(view, request, now);
        },
        Calls.answering(call));
  }

  @Override
  public void emptyTrash(EmptyTrashRequest request, StreamObserver<EmptyTrashReply> call) {
    writer.submit(
        Writer.OPERATORS,
        (view, now) -> {
          check(request.getInodesCount());
          return TrashDecider.empty(view, request.getInodesList(), now);
        },
        Calls.answering(call));
  }

  private static void check(int inodes) throws CairnException {
    if (inodes > MOST_INODES) {
      throw ErrorCode.INVALID.because("at most " + MOST_INODES + " entries at a time");
    }
  }
}
