package dev.cairn.master.service;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ChunkReport;
import dev.cairn.rpc.proto.ChunkReportReply;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;

/** One report of chunks: takes a page, and asks for the next when it is worked off. */
final class ChunkReportStream implements StreamObserver<ChunkReport> {

  private final ChunkReports reports;
  private final long incarnation;
  private final ServerCallStreamObserver<ChunkReportReply> call;
  private final Executor pool;

  /** For the connection's event loop. */
  private boolean lastReceived;

  private volatile boolean ended;

  ChunkReportStream(
      ChunkReports reports,
      long incarnation,
      ServerCallStreamObserver<ChunkReportReply> call,
      Executor pool) {
    this.reports = reports;
    this.incarnation = incarnation;
    this.call = call;
    this.pool = pool;
  }

  @Override
  public void onNext(ChunkReport page) {
    lastReceived |= page.getLast();
    pool.execute(() -> take(page));
  }

  private synchronized void take(ChunkReport page) {
    if (ended) {
      return;
    }
    try {
      if (page.getMasterIncarnation() != incarnation) {
        throw ErrorCode.UNREGISTERED.because("the report is for the master before its restart");
      }
      reports.take(page);
    } catch (CairnException e) {
      ended = true;
      Calls.refuse(call, e);
      return;
    }
    if (page.getLast()) {
      ended = true;
      Calls.reply(call, ChunkReportReply.getDefaultInstance());
    } else {
      call.request(1);
    }
  }

  @Override
  public void onError(Throwable broken) {
    ended = true;
  }

  @Override
  public void onCompleted() {
    if (!lastReceived) {
      pool.execute(this::endEarly);
    }
  }

  private synchronized void endEarly() {
    if (!ended) {
      ended = true;
      Calls.refuse(call, ErrorCode.PROTOCOL.because("the report ended without its last page"));
    }
  }
}
