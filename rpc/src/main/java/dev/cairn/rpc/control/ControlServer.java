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

/** Services at a port: by gRPC, and their unary methods by {@link dev.cairn.rpc.unary} as well. */
public final class ControlServer {

  private final Server grpc;
  private final UnaryPort unary;

  private ControlServer(Server grpc, UnaryPort unary) {
    this.grpc = grpc;
    this.unary = unary;
  }

  /**
   * Starts to serve.
   *
   * @param handlers what runs the services' methods
   */
  public static ControlServer start(
      HostPort at, List<? extends BindableService> services, Executor handlers) throws IOException {
    UnaryPort unary = new UnaryPort(services, handlers);
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(at.resolve())
            .executor(handlers)
            .protocolNegotiator(unary)
            .maxInboundMessageSize(ControlPlane.MAX_MESSAGE_BYTES)
            .permitKeepAliveTime(ControlPlane.KEEP_ALIVE_SECONDS / 2, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true);
    services.forEach(builder::addService);
    return new ControlServer(builder.build().start(), unary);
  }

  public int port() {
    return grpc.getPort();
  }

  /** Refuses new calls, waits a moment for those under way by gRPC, then ends them. */
  public void stop() throws InterruptedException {
    grpc.shutdown();
    unary.close();
    if (!grpc.awaitTermination(2, TimeUnit.SECONDS)) {
      grpc.shutdownNow().awaitTermination(2, TimeUnit.SECONDS);
    }
  }
}
