package dev.cairn.rpc.unary;

import dev.cairn.rpc.admission.Admission;
import dev.cairn.rpc.admission.ServedPeer;
import dev.cairn.rpc.error.CairnException;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelPipeline;
import io.grpc.netty.shaded.io.netty.handler.codec.ByteToMessageDecoder;
import io.grpc.netty.shaded.io.netty.handler.flow.FlowControlHandler;
import io.grpc.netty.shaded.io.netty.handler.flush.FlushConsolidationHandler;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the connections of unary calls at a gRPC server's port, and leaves it the others. gRPC asks
 * a negotiator what a new connection speaks; this one reads its first bytes.
 */
public final class UnaryPort implements InternalProtocolNegotiator.ProtocolNegotiator {

  private static final Logger LOG = LoggerFactory.getLogger(UnaryPort.class);

  /** Told which connection belongs to which peer. For any thread. */
  public interface PeersByChannel {
    void admitted(InetSocketAddress address, ServedPeer peer);

    /** The peer's connection is closed; another one may come from its address meanwhile. */
    void gone(InetSocketAddress address, ServedPeer peer);
  }

  private final InternalProtocolNegotiator.ProtocolNegotiator http2 =
      InternalProtocolNegotiators.serverPlaintext();
  private final Map<String, ServerMethodDefinition<?, ?>> methods = new HashMap<>();
  private final Supplier<String> cluster;
  private final Executor handlers;
  private final Admission admission;
  private final PeersByChannel peers;

  /**
   * A negotiator for a server of these services.
   *
   * @param cluster returns the id of the cluster that is served; empty: any
   * @param handlers what runs the services' methods
   * @param peers is told each connection's peer
   */
  public UnaryPort(
      Supplier<String> cluster,
      List<ServerServiceDefinition> services,
      Executor handlers,
      Admission admission,
      PeersByChannel peers) {
    this.cluster = cluster;
    this.handlers = handlers;
    this.admission = admission;
    this.peers = peers;
    for (ServerServiceDefinition service : services) {
      for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
        methods.put(method.getMethodDescriptor().getFullMethodName(), method);
      }
    }
  }

  @Override
  public AsciiString scheme() {
    return http2.scheme();
  }

  @Override
  public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
    return new FirstBytes(http2.newHandler(grpc));
  }

  @Override
  public void close() {
    http2.close();
  }

  /** Waits for what a connection begins with, and passes it to who understands that. */
  private final class FirstBytes extends ByteToMessageDecoder {

    private final ChannelHandler grpc;
    private Object negotiation;
    private ServedPeer peer;

    FirstBytes(ChannelHandler grpc) {
      this.grpc = grpc;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      Channel channel = context.channel();
      InetSocketAddress address = (InetSocketAddress) channel.remoteAddress();
      try {
        peer =
            admission
                .peers()
                .admit(
                    address == null ? null : address.getAddress(),
                    channel::close,
                    System.nanoTime());
      } catch (CairnException e) {
        LOG.warn("{} is refused: {}", address, e.getMessage());
        channel.close();
        return;
      }
      peers.admitted(address, peer);
      channel
          .closeFuture()
          .addListener(
              closed -> {
                peers.gone(address, peer);
                admission.peers().gone(peer);
              });
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      negotiation = event;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
      if (in.readableBytes() < UnaryFrames.PREFACE_BYTES) {
        return;
      }
      ChannelPipeline pipeline = context.pipeline();
      if (in.getInt(in.readerIndex()) == UnaryFrames.PREFACE) {
        in.skipBytes(UnaryFrames.PREFACE_BYTES);
        takeOver(pipeline);
      } else {
        pipeline.addAfter(context.name(), null, grpc);
        context.fireUserEventTriggered(negotiation);
      }
      pipeline.remove(this);
    }

    private void takeOver(ChannelPipeline pipeline) {
      while (pipeline.last() != this) {
        pipeline.removeLast();
      }
      pipeline.addLast(ServedConnection.deafToGrpc());
      pipeline.addLast(
          new FlushConsolidationHandler(),
          new RequestFrames(admission.unfinished()),
          new FlowControlHandler(),
          new ServedConnection(cluster, methods, handlers, admission.underWay(), peer));
    }
  }
}
