package dev.cairn.rpc.control;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.admission.Admission;
import dev.cairn.rpc.admission.MethodBounds;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.metrics.Operations;
import dev.cairn.rpc.unary.UnaryPort;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Services at a port: by gRPC, and their unary methods by {@link dev.cairn.rpc.unary} as well. What
 * clients can take of the server is bounded, see {@link dev.cairn.rpc.admission}.
 */
public final class ControlServer {

  /** Chunk servers and commands make a few calls at a time. Mounts do not use gRPC. */
  private static final int MOST_CALLS_OF_CONNECTION = 16;

  private static final int MOST_HEADER_BYTES = 8 << 10;
  private static final int FLOW_CONTROL_BYTES = 256 << 10;
  private static final int HANDSHAKE_SECONDS = 5;
  private static final int IDLE_SECONDS = 50;

  /** A client that cancels more calls than that in so many seconds is disconnected. */
  private static final int MOST_RESETS = 200;

  private static final int RESETS_SECONDS = 10;

  // Read from one connection before it is the next one's turn.
  private static final int LEAST_READ_BYTES = 512;
  private static final int FIRST_READ_BYTES = 2 << 10;
  private static final int MOST_READ_BYTES = 16 << 10;

  /**
   * What gRPC has to say of connections that were cut and requests that were refused, each with a
   * stack trace. Kept here: a logger that nobody keeps forgets its level.
   */
  private static final Logger GRPC = Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty");

  static {
    GRPC.setLevel(Level.SEVERE);
  }

  private final Server grpc;
  private final ScheduledExecutorService tidying;
  private final Operations requests;
  private final Admission admission;

  private ControlServer(
      Server grpc, ScheduledExecutorService tidying, Operations requests, Admission admission) {
    this.grpc = grpc;
    this.tidying = tidying;
    this.requests = requests;
    this.admission = admission;
  }

  /** Starts to serve any cluster's clients; as {@link #start(HostPort, String, List)}. */
  public static ControlServer start(HostPort at, List<? extends BindableService> services)
      throws IOException {
    return start(at, "", services);
  }

  /**
   * Starts to serve on the threads that read the connections: methods must not block.
   *
   * @param cluster the id of the cluster whose clients are served; those of others are refused
   */
  public static ControlServer start(
      HostPort at, String cluster, List<? extends BindableService> services) throws IOException {
    return start(at, cluster, services, Admission.ofThisProcess());
  }

  /**
   * As {@link #start(HostPort, String, List)}, for a server that may learn later which cluster it
   * serves.
   */
  public static ControlServer start(
      HostPort at, Supplier<String> cluster, List<? extends BindableService> services)
      throws IOException {
    return start(
        at,
        cluster,
        services,
        Runnable::run,
        NettyServerBuilder::directExecutor,
        Admission.ofThisProcess());
  }

  /** As {@link #start(HostPort, String, List)}, with bounds of its own. */
  static ControlServer start(
      HostPort at, String cluster, List<? extends BindableService> services, Admission admission)
      throws IOException {
    return start(
        at, () -> cluster, services, Runnable::run, NettyServerBuilder::directExecutor, admission);
  }

  /**
   * Starts to serve.
   *
   * @param handlers what runs the services' methods
   */
  public static ControlServer start(
      HostPort at, List<? extends BindableService> services, Executor handlers) throws IOException {
    return start(
        at,
        () -> "",
        services,
        handlers,
        builder -> builder.executor(handlers),
        Admission.ofThisProcess());
  }

  private static ControlServer start(
      HostPort at,
      Supplier<String> cluster,
      List<? extends BindableService> services,
      Executor handlers,
      UnaryOperator<NettyServerBuilder> executing,
      Admission admission)
      throws IOException {
    ControlPlane.prepare();
    Operations requests = new Operations(MeteredService::result);
    List<ServerServiceDefinition> definitions =
        services.stream()
            .map(service -> MeteredService.of(service.bindService(), requests))
            .toList();
    GrpcPeers peers = new GrpcPeers();
    AdaptiveRecvByteBufAllocator turns =
        new AdaptiveRecvByteBufAllocator(LEAST_READ_BYTES, FIRST_READ_BYTES, MOST_READ_BYTES);
    turns.maxMessagesPerRead(1);
    NettyServerBuilder builder =
        executing
            .apply(NettyServerBuilder.forAddress(at.resolve()))
            .protocolNegotiator(new UnaryPort(cluster, definitions, handlers, admission, peers))
            .withChildOption(ChannelOption.RCVBUF_ALLOCATOR, turns)
            .intercept(peers)
            .addStreamTracerFactory(RequestTracer.factory(admission.unfinished()))
            .maxInboundMessageSize(MethodBounds.LARGEST_REQUEST_BYTES)
            .maxInboundMetadataSize(MOST_HEADER_BYTES)
            .maxConcurrentCallsPerConnection(MOST_CALLS_OF_CONNECTION)
            .maxRstFramesPerWindow(MOST_RESETS, RESETS_SECONDS)
            .flowControlWindow(FLOW_CONTROL_BYTES)
            .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
            .maxConnectionIdle(IDLE_SECONDS, TimeUnit.SECONDS)
            .permitKeepAliveTime(ControlPlane.KEEP_ALIVE_SECONDS / 2, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true);
    definitions.forEach(builder::addService);
    Server grpc = bound(at, builder.build());
    ScheduledExecutorService tidying =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "connections");
              thread.setDaemon(true);
              return thread;
            });
    var unused =
        tidying.scheduleWithFixedDelay(
            () -> admission.tidy(System.nanoTime()), 1, 1, TimeUnit.SECONDS);
    return new ControlServer(grpc, tidying, requests, admission);
  }

  private static Server bound(HostPort at, Server server) throws IOException {
    try {
      return server.start();
    } catch (IOException e) {
      throw ErrorCode.INVALID.because(
          at.resolve().isUnresolved()
              ? "cannot listen at " + at + ": the host '" + at.host() + "' is not known"
              : "cannot listen at " + at + ": " + GrpcErrors.systemWords(e),
          e);
    }
  }

  public int port() {
    return grpc.getPort();
  }

  /** The calls that were served, by their methods' names. */
  public Operations requests() {
    return requests;
  }

  /** Connections that are open now. */
  public int connections() {
    return admission.peers().count();
  }

  /**
   * Refuses new calls, waits a moment for those under way by gRPC, then ends them. Calls in frames
   * end at once: who made them asks again.
   */
  public void stop() throws InterruptedException {
    grpc.shutdown();
    if (!grpc.awaitTermination(2, TimeUnit.SECONDS)) {
      grpc.shutdownNow().awaitTermination(2, TimeUnit.SECONDS);
    }
    tidying.shutdownNow();
  }
}
