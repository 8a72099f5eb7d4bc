package dev.cairn.rpc.control;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.unary.UnaryPort;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Services at a port: by gRPC, and their unary methods by {@link dev.cairn.rpc.unary} as well. */
public final class ControlServer {

  private final Server grpc;

  private ControlServer(Server grpc) {
    this.grpc = grpc;
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
    return start(at, cluster, services, Runnable::run, NettyServerBuilder::directExecutor);
  }

  /**
   * Starts to serve.
   *
   * @param handlers what runs the services' methods
   */
  public static ControlServer start(
      HostPort at, List<? extends BindableService> services, Executor handlers) throws IOException {
    return start(at, "", services, handlers, builder -> builder.executor(handlers));
  }

  private static ControlServer start(
      HostPort at,
      String cluster,
      List<? extends BindableService> services,
      Executor handlers,
      UnaryOperator<NettyServerBuilder> executing)
      throws IOException {
    NettyServerBuilder builder =
        executing
            .apply(NettyServerBuilder.forAddress(at.resolve()))
            .protocolNegotiator(new UnaryPort(cluster, services, handlers))
            .maxInboundMessageSize(ControlPlane.MAX_MESSAGE_BYTES)
            .permitKeepAliveTime(ControlPlane.KEEP_ALIVE_SECONDS / 2, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true);
    services.forEach(builder::addService);
    return new ControlServer(builder.build().start());
  }

  public int port() {
    return grpc.getPort();
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
  }
}
