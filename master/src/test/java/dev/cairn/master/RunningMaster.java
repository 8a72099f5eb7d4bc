package dev.cairn.master;

import com.google.protobuf.ByteString;
import dev.cairn.master.compact.CompactionSettings;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.repair.RepairSettings;
import dev.cairn.master.session.SessionSettings;
import dev.cairn.master.store.RocksStore;
import dev.cairn.master.store.Store;
import dev.cairn.master.store.StoreSettings;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.ChunkReplica;
import dev.cairn.rpc.proto.ChunkReport;
import dev.cairn.rpc.proto.ChunkReportReply;
import dev.cairn.rpc.proto.ChunkServerServiceGrpc;
import dev.cairn.rpc.proto.ClusterServiceGrpc;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.DiskStatus;
import dev.cairn.rpc.proto.FileServiceGrpc;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.HeartbeatRequest;
import dev.cairn.rpc.proto.NamespaceServiceGrpc;
import dev.cairn.rpc.proto.OpenSessionReply;
import dev.cairn.rpc.proto.OpenSessionRequest;
import dev.cairn.rpc.proto.RegisterReply;
import dev.cairn.rpc.proto.RegisterRequest;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.SessionServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** A master on real tables and a loopback port, and one client of it. */
final class RunningMaster implements AutoCloseable {

  static final long ROOT = 1;
  static final Duration GARBAGE_HOLD = Duration.ofSeconds(20);

  final SessionServiceGrpc.SessionServiceBlockingStub sessions;
  final NamespaceServiceGrpc.NamespaceServiceBlockingStub names;
  final FileServiceGrpc.FileServiceBlockingStub files;
  final ClusterServiceGrpc.ClusterServiceBlockingStub cluster;
  final ChunkServerServiceGrpc.ChunkServerServiceBlockingStub servers;
  final AtomicReference<Throwable> fatal = new AtomicReference<>();

  private final Store store;
  private final Master master;
  private final ManagedChannel channel;
  private OpenSessionReply session;
  private long sequence;

  static RunningMaster start(Path data, Time time) {
    return start(data, time, UnaryOperator.identity());
  }

  /** Starts one on tables that are kept so. */
  static RunningMaster start(Path data, Time time, StoreSettings settings) {
    try {
      return new RunningMaster(data, time, RocksStore.open(data, settings));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts one on tables that are wrapped. */
  static RunningMaster start(Path data, Time time, UnaryOperator<Store> wrapping) {
    try {
      return new RunningMaster(data, time, wrapping.apply(RocksStore.open(data)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RunningMaster(Path data, Time time, Store store) throws IOException {
    MasterSettings settings =
        new MasterSettings(
            data,
            new HostPort("127.0.0.1", 0),
            new Defaults(64 << 20, 2),
            Duration.ofSeconds(10),
            SessionSettings.of(Duration.ofSeconds(20)),
            GARBAGE_HOLD,
            RepairSettings.defaults(),
            CompactionSettings.defaults());
    this.store = store;
    master = Master.start(settings, store, time, new Random(7), "cluster-1", fatal::set);
    channel = ControlPlane.channel(master.address());
    sessions = SessionServiceGrpc.newBlockingStub(channel);
    names = NamespaceServiceGrpc.newBlockingStub(channel);
    files = FileServiceGrpc.newBlockingStub(channel);
    cluster = ClusterServiceGrpc.newBlockingStub(channel);
    servers = ChunkServerServiceGrpc.newBlockingStub(channel);
  }

  OpenSessionReply session() {
    if (session == null) {
      session = openSession("test");
    }
    return session;
  }

  OpenSessionReply openSession(String description) {
    return sessions.openSession(
        OpenSessionRequest.newBuilder().setDescription(description).build());
  }

  /** The context of the next request of the one client. */
  RequestContext next() {
    sequence++;
    return context(session(), sequence, sequence);
  }

  static RequestContext context(OpenSessionReply session, long sequence, long answeredBelow) {
    return RequestContext.newBuilder()
        .setSessionId(session.getSessionId())
        .setEpoch(session.getEpoch())
        .setSequence(sequence)
        .setAnsweredBelow(answeredBelow)
        .build();
  }

  /** Makes an entry; answers its inode. */
  long create(long parent, String name, FileType type) {
    return names
        .create(
            CreateRequest.newBuilder()
                .setContext(next())
                .setParent(parent)
                .setName(ByteString.copyFromUtf8(name))
                .setType(type)
                .setPermissions(0755)
                .build())
        .getAttributes()
        .getInode();
  }

  RegisterReply register(String uuid, int port) {
    return servers.register(
        RegisterRequest.newBuilder()
            .setServerUuid(uuid)
            .setHost("127.0.0.1")
            .setDataPort(port)
            .addDisks(disk())
            .build());
  }

  static DiskStatus disk() {
    return DiskStatus.newBuilder()
        .setPath("/d")
        .setTotalBytes(1L << 40)
        .setFreeBytes(1L << 39)
        .build();
  }

  /** Registers a server, and reports the chunks it holds. */
  RegisterReply join(String uuid, int port, ChunkReplica... chunks) throws Exception {
    RegisterReply registered = register(uuid, port);
    report(registered, chunks);
    return registered;
  }

  void report(RegisterReply registered, ChunkReplica... chunks) throws Exception {
    CompletableFuture<ChunkReportReply> done = new CompletableFuture<>();
    StreamObserver<ChunkReport> pages = reporting(done);
    ChunkReport.Builder page =
        ChunkReport.newBuilder()
            .setServerId(registered.getServerId())
            .setMasterIncarnation(registered.getMasterIncarnation());
    for (ChunkReplica chunk : chunks) {
      pages.onNext(page.clone().addChunks(chunk).build());
    }
    pages.onNext(page.setLast(true).build());
    pages.onCompleted();
    ChunkReportReply unused = done.get(10, TimeUnit.SECONDS);
  }

  /** A report that takes its pages one by one; done when it is answered. */
  StreamObserver<ChunkReport> reporting(CompletableFuture<ChunkReportReply> done) {
    return ChunkServerServiceGrpc.newStub(channel)
        .reportChunks(
            new StreamObserver<>() {
              @Override
              public void onNext(ChunkReportReply reply) {
                done.complete(reply);
              }

              @Override
              public void onError(Throwable error) {
                done.completeExceptionally(error);
              }

              @Override
              public void onCompleted() {}
            });
  }

  HeartbeatReply heartbeat(RegisterReply server, List<Long> lost) {
    return servers.heartbeat(
        HeartbeatRequest.newBuilder()
            .setServerId(server.getServerId())
            .setMasterIncarnation(server.getMasterIncarnation())
            .addDisks(disk())
            .addAllLostChunks(lost)
            .build());
  }

  /** A stub of any service. */
  <S> S stub(Function<Channel, S> service) {
    return service.apply(channel);
  }

  /** Makes a call of any service. */
  <Q, R> R call(MethodDescriptor<Q, R> method, Q request) {
    return ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, request);
  }

  /** The error a call ends with. */
  static CairnException refusal(Supplier<?> call) {
    try {
      Object reply = call.get();
      throw new AssertionError("not refused: " + reply);
    } catch (StatusRuntimeException e) {
      return GrpcErrors.fromThrowable(e, "the master");
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      if (!channel.awaitTermination(10, TimeUnit.SECONDS)) {
        throw new AssertionError("the channel does not end");
      }
      master.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
    store.close();
  }
}
