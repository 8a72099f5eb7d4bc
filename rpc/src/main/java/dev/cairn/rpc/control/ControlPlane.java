package dev.cairn.rpc.control;

import dev.cairn.rpc.HostPort;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import java.util.concurrent.TimeUnit;

/** What both ends of the control plane keep to. */
public final class ControlPlane {

  /** Most bytes of a request or an answer: an extent map in pages fits many times over. */
  public static final int MAX_MESSAGE_BYTES = 16 << 20;

  static final int KEEP_ALIVE_SECONDS = 10;

  static {
    LibraryLog.install();
  }

  private ControlPlane() {}

  /** Has been called before anything of gRPC's is. */
  static void prepare() {}

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
}
