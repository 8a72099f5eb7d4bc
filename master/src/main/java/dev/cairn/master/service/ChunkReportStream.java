package dev.cairn.master.service;

import dev.cairn.master.log.Answer;
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
    if (page.getMasterIncarnation() == incarnation) {
      reports.take(page, new PageAnswer());
    } else {
      refuse(ErrorCode.UNREGISTERED.because("the report is for the master before its restart"));
    }
  }

  private synchronized void taken(ChunkReport page) {
    if (ended) {
      return;
    }
    if (page.getLast()) {
      ended = true;
      Calls.reply(call, ChunkReportReply.getDefaultInstance());
    } else {
      call.request(1);
    }
  }

  private synchronized void refuse(CairnException why) {
    if (!ended) {
      ended = true;
      Calls.refuse(call, why);
    }
  }

  /** Goes on after a page; leaves the writer's thread for that. */
  private final class PageAnswer implements Answer<ChunkReport> {

    @Override
    public void granted(ChunkReport page) {
      pool.execute(() -> taken(page));
    }

    @Override
    public void refused(CairnException why) {
      pool.execute(() -> refuse(why));
    }
  }

  @Override
  public void onError(Throwable broken) {
    ended = true;
  }

  @Override
  public void onCompleted() {
    if (!lastReceived) {
      pool.execute(
          () -> refuse(ErrorCode.PROTOCOL.because("the report ended without its last page")));
    }
  }
}
