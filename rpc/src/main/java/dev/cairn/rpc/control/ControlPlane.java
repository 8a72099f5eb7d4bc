package dev.cairn.rpc.control;

import dev.cairn.rpc.HostPort;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Makes the two ends of the control plane. */
public final class ControlPlane {

  /** Most bytes of a request or an answer: an extent map in pages fits many times over. */
  public static final int MAX_MESSAGE_BYTES = 16 << 20;

  private static final int KEEP_ALIVE_SECONDS = 10;

  private ControlPlane() {}

  /**
   * A channel that connects when first used and again whenever it broke. Callbacks of asynchronous
   * calls run on its event loop, which spares a wake-up per call: they must not block.
   */
  public static ManagedChannel channel(HostPort to) {
    return NettyChannelBuilder.forAddress(to.host(), to.port())
        .usePlaintext()
        .directExecutor()
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, 3000)
        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(3, TimeUnit.SECONDS)
        .build();
  }

  /** A server builder whose handlers run on the given executor. */
  public static NettyServerBuilder server(HostPort at, Executor handlers) {
    InetSocketAddress address = at.resolve();
    return NettyServerBuilder.forAddress(address)
        .executor(handlers)
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .permitKeepAliveTime(KEEP_ALIVE_SECONDS / 2, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true);
  }

  /** Stops a server: refuses new calls, waits a moment for those under way, then ends them. */
  public static void stop(Server server) throws InterruptedException {
    server.shutdown();
    if (!server.awaitTermination(2, TimeUnit.SECONDS)) {
      server.shutdownNow();
    }
  }
}
