package dev.cairn.chunkserver.heartbeat;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.control.ControlServer;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.ChunkReplica;
import dev.cairn.rpc.proto.ChunkReport;
import dev.cairn.rpc.proto.ChunkReportReply;
import dev.cairn.rpc.proto.ChunkServerServiceGrpc;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.HeartbeatRequest;
import dev.cairn.rpc.proto.RegisterReply;
import dev.cairn.rpc.proto.RegisterRequest;
import io.grpc.stub.StreamObserver;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A master that writes down what it hears and answers what the test says. */
final class FakeMaster extends ChunkServerServiceGrpc.ChunkServerServiceImplBase
    implements Closeable {

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ControlServer server;

  final List<RegisterRequest> registrations = new ArrayList<>();
  final List<HeartbeatRequest> beats = new ArrayList<>();
  final Map<Long, ChunkReplica> reported = new TreeMap<>();
  int completeReports;
  int largestPage;
  String cluster = "cluster-1";
  CairnException refusal;
  private long term;
  private boolean leading;
  private boolean hangs;
  HeartbeatReply nextReply = HeartbeatReply.getDefaultInstance();
  private HeartbeatReply otherReplies = HeartbeatReply.getDefaultInstance();

  FakeMaster(int port) throws IOException {
    server = ControlServer.start(new HostPort("127.0.0.1", port), List.of(this), threads);
  }

  HostPort address() {
    return new HostPort("127.0.0.1", server.port());
  }

  synchronized void become(String otherCluster) {
    cluster = otherCluster;
  }

  /** From now on; null: it does not. */
  synchronized void refuse(CairnException why) {
    refusal = why;
  }

  @Override
  public synchronized void register(RegisterRequest request, StreamObserver<RegisterReply> to) {
    registrations.add(request);
    if (refusal != null) {
      to.onError(GrpcErrors.toStatus(refusal));
      return;
    }
    to.onNext(
        RegisterReply.newBuilder()
            .setServerId(7)
            .setClusterId(cluster)
            .setHeartbeatMillis(20)
            .setMasterIncarnation(3)
            .setTerm(term)
            .setLeading(leading)
            .build());
    to.onCompleted();
  }

  /** It is one of several, and in that term leads or follows. */
  synchronized void be(long inTerm, boolean leader) {
    term = inTerm;
    leading = leader;
  }

  /** It takes heartbeats and answers none, or again. */
  synchronized void hang(boolean silent) {
    hangs = silent;
  }

  @Override
  public StreamObserver<ChunkReport> reportChunks(StreamObserver<ChunkReportReply> to) {
    return new StreamObserver<>() {
      @Override
      public void onNext(ChunkReport page) {
        synchronized (FakeMaster.this) {
          largestPage = Math.max(largestPage, page.getChunksCount());
          page.getChunksList().forEach(chunk -> reported.put(chunk.getChunkId(), chunk));
          completeReports += page.getLast() ? 1 : 0;
        }
      }

      @Override
      public void onError(Throwable error) {
        // The server went away in the middle of its report.
      }

      @Override
      public void onCompleted() {
        to.onNext(ChunkReportReply.getDefaultInstance());
        to.onCompleted();
      }
    };
  }

  @Override
  public synchronized void heartbeat(HeartbeatRequest request, StreamObserver<HeartbeatReply> to) {
    beats.add(request);
    if (hangs) {
      return;
    }
    to.onNext(nextReply.toBuilder().setTerm(term).setLeading(leading).build());
    to.onCompleted();
    nextReply = otherReplies;
  }

  synchronized int beatCount() {
    return beats.size();
  }

  synchronized HeartbeatRequest lastBeat() {
    return beats.get(beats.size() - 1);
  }

  /** From now on. */
  synchronized void answerAll(HeartbeatReply reply) {
    nextReply = reply;
    otherReplies = reply;
  }

  synchronized void answerNext(HeartbeatReply reply) {
    nextReply = reply;
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    threads.shutdownNow();
  }
}
