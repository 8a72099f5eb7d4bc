package dev.cairn.master.service;

import dev.cairn.master.command.EndLease;
import dev.cairn.master.command.TakeLease;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.decide.LeaseDecider;
import dev.cairn.master.log.Writer;
import dev.cairn.master.query.LeaseQueries;
import dev.cairn.master.session.LiveLeases;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.proto.EndLeaseReply;
import dev.cairn.rpc.proto.EndLeaseRequest;
import dev.cairn.rpc.proto.LeaseServiceGrpc;
import dev.cairn.rpc.proto.ListLeasesReply;
import dev.cairn.rpc.proto.ListLeasesRequest;
import dev.cairn.rpc.proto.ReleaseLeaseReply;
import dev.cairn.rpc.proto.ReleaseLeaseRequest;
import dev.cairn.rpc.proto.TakeLeaseReply;
import dev.cairn.rpc.proto.TakeLeaseRequest;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;

/** Leases of files. */
public final class LeaseAdapter extends LeaseServiceGrpc.LeaseServiceImplBase {

  private final Requests requests;
  private final Writer writer;
  private final LiveSessions sessions;
  private final LiveLeases live;
  private final LeaseQueries queries;
  private final Time time;
  private final Executor pool;
  private final LeaseDecider leasing;

  public LeaseAdapter(
      Requests requests,
      Writer writer,
      LiveSessions sessions,
      LiveLeases live,
      LeaseQueries queries,
      Time time,
      Executor pool,
      Defaults defaults) {
    this.requests = requests;
    this.writer = writer;
    this.sessions = sessions;
    this.live = live;
    this.queries = queries;
    this.time = time;
    this.pool = pool;
    this.leasing = new LeaseDecider(defaults);
  }

  @Override
  public void takeLease(TakeLeaseRequest request, StreamObserver<TakeLeaseReply> call) {
    requests.submit(
        request.getContext(),
        TakeLeaseReply.getDefaultInstance(),
        new TakeLease(leasing, live, sessions, time, request),
        call);
  }

  @Override
  public void releaseLease(ReleaseLeaseRequest request, StreamObserver<ReleaseLeaseReply> call) {
    requests.submit(
        request.getContext(),
        ReleaseLeaseReply.getDefaultInstance(),
        (view, now) -> LeaseDecider.release(view, request),
        call);
  }

  @Override
  public void endLease(EndLeaseRequest request, StreamObserver<EndLeaseReply> call) {
    writer.submit(
        Writer.OPERATORS, new EndLease(sessions, request.getInode()), Calls.answering(call));
  }

  @Override
  public void listLeases(ListLeasesRequest request, StreamObserver<ListLeasesReply> call) {
    Calls.answerOn(pool, call, () -> queries.list(request));
  }
}
