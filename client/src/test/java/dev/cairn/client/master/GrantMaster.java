package dev.cairn.client.master;

import dev.cairn.client.Timer;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.control.ControlServer;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.AllocateChunksReply;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.ChunkGrant;
import dev.cairn.rpc.proto.FileServiceGrpc;
import dev.cairn.rpc.proto.HeldLease;
import dev.cairn.rpc.proto.KeepAliveReply;
import dev.cairn.rpc.proto.KeepAliveRequest;
import dev.cairn.rpc.proto.OpenSessionReply;
import dev.cairn.rpc.proto.OpenSessionRequest;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.proto.SessionServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A master that answers requests for chunks when it is told to. */
public final class GrantMaster {

  /** Ids in a grant. */
  public static final int IDS = 100;

  private final LinkedBlockingQueue<StreamObserver<AllocateChunksReply>> waiting =
      new LinkedBlockingQueue<>();

  private final ControlServer server;
  private final Master client;
  private StreamObserver<AllocateChunksReply> current;
  private long nextId = 1;

  public GrantMaster(Timer timer) throws IOException {
    server =
        ControlServer.start(new HostPort("127.0.0.1", 0), List.of(new Sessions(), new Grants()));
    client =
        new Master(
            Masters.of(new HostPort("127.0.0.1", server.port())),
            Duration.ofSeconds(30),
            new ClientName("a test", ""),
            timer,
            addresses -> {},
            new Nothing());
  }

  /** As a client knows it. */
  public Master client() {
    return client;
  }

  public int waitingRequests() {
    return waiting.size();
  }

  /** Takes the next request up. */
  public void awaitRequest() throws InterruptedException {
    current = waiting.poll(30, TimeUnit.SECONDS);
    if (current == null) {
      throw new AssertionError("the master was not asked");
    }
  }

  public void grant() {
    ChunkGrant.Builder grant = ChunkGrant.newBuilder().setFirstChunkId(nextId).setCount(IDS);
    grant.addChain(ServerAddress.newBuilder().setServerId(1).setHost("127.0.0.1").setPort(1));
    nextId += IDS;
    current.onNext(AllocateChunksReply.newBuilder().setGrant(grant).build());
    current.onCompleted();
  }

  /** Says that there is nothing to write to. */
  public void refuse() {
    current.onError(GrpcErrors.toStatus(ErrorCode.NO_SERVERS.because("no chunk server lives")));
  }

  public void stop() throws InterruptedException {
    client.close(Duration.ZERO);
    server.stop();
  }

  private static final class Sessions extends SessionServiceGrpc.SessionServiceImplBase {
    @Override
    public void openSession(OpenSessionRequest request, StreamObserver<OpenSessionReply> call) {
      call.onNext(
          OpenSessionReply.newBuilder()
              .setSessionId(1)
              .setEpoch(1)
              .setMasterIncarnation(1)
              .setHeartbeatMillis(1000)
              .build());
      call.onCompleted();
    }

    @Override
    public void keepAlive(KeepAliveRequest request, StreamObserver<KeepAliveReply> call) {
      call.onNext(KeepAliveReply.newBuilder().setMasterIncarnation(1).build());
      call.onCompleted();
    }
  }

  private static final class Nothing implements Holdings {
    @Override
    public Set<Long> openInodes() {
      return Set.of();
    }

    @Override
    public Set<Long> writtenInodes() {
      return Set.of();
    }

    @Override
    public List<HeldLease> leases() {
      return List.of();
    }

    @Override
    public void leasesLost(List<HeldLease> lost) {}

    @Override
    public void masterRestarted() {}

    @Override
    public void sessionLost(Registration session) {}
  }

  private final class Grants extends FileServiceGrpc.FileServiceImplBase {
    @Override
    public void allocateChunks(
        AllocateChunksRequest request, StreamObserver<AllocateChunksReply> call) {
      waiting.add(call);
    }
  }
}
