package dev.cairn.chunkserver.heartbeat;

import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.ChunkServerServiceGrpc;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.HeartbeatRequest;
import dev.cairn.rpc.proto.RegisterReply;
import dev.cairn.rpc.proto.RegisterRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.io.Closeable;
import java.util.concurrent.TimeUnit;

/** Calls to the master, each with a deadline. */
final class MasterLink implements Closeable {

  private static final long CALL_SECONDS = 5;
  private static final long REPORT_SECONDS = 120;
  private static final long LEAVE_MILLIS = 500;

  private final ManagedChannel channel;
  private final String peer;

  MasterLink(HostPort master) {
    channel = ControlPlane.channel(master);
    peer = "the master at " + master;
  }

  private ChunkServerServiceGrpc.ChunkServerServiceBlockingStub stub() {
    // The channel waits longer and longer before it connects again; how often is our decision.
    channel.resetConnectBackoff();
    return ChunkServerServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
  }

  RegisterReply register(RegisterRequest request) throws CairnException {
    try {
      return stub().register(request);
    } catch (StatusRuntimeException e) {
      throw GrpcErrors.fromThrowable(e, peer);
    }
  }

  /** Says a last word, which nobody waits long for. */
  void leave(HeartbeatRequest request) throws CairnException {
    try {
      HeartbeatReply unused =
          ChunkServerServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(LEAVE_MILLIS, TimeUnit.MILLISECONDS)
              .heartbeat(request);
    } catch (StatusRuntimeException e) {
      throw GrpcErrors.fromThrowable(e, peer);
    }
  }

  HeartbeatReply heartbeat(HeartbeatRequest request) throws CairnException {
    try {
      return stub().heartbeat(request);
    } catch (StatusRuntimeException e) {
      throw GrpcErrors.fromThrowable(e, peer);
    }
  }

  /** Streams what the store holds, page by page; waits where the master is slower. */
  void report(ChunkStore store, int serverId, long masterIncarnation, long incarnation)
      throws CairnException {
    try {
      var call =
          ChunkServerServiceGrpc.newBlockingV2Stub(channel)
              .withDeadlineAfter(REPORT_SECONDS, TimeUnit.SECONDS)
              .reportChunks();
      ReportPages pages = new ReportPages(serverId, masterIncarnation, incarnation, call::write);
      store.list(pages::add);
      pages.finish();
      call.halfClose();
      call.read();
    } catch (StatusException e) {
      throw GrpcErrors.fromThrowable(e, peer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw GrpcErrors.fromThrowable(e, peer);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
