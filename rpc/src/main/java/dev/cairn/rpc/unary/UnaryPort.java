package dev.cairn.rpc.unary;

import io.grpc.BindableService;
import io.grpc.ServerMethodDefinition;
import io.grpc.netty.shaded.io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelPipeline;
import io.grpc.netty.shaded.io.netty.handler.codec.ByteToMessageDecoder;
import io.grpc.netty.shaded.io.netty.handler.flow.FlowControlHandler;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * Takes the connections of unary calls at a gRPC server's port, and leaves it the others. gRPC asks
 * a negotiator what a new connection speaks; this one reads its first bytes.
 */
public final class UnaryPort implements InternalProtocolNegotiator.ProtocolNegotiator {

  private final InternalProtocolNegotiator.ProtocolNegotiator http2 =
      InternalProtocolNegotiators.serverPlaintext();
  private final Map<String, ServerMethodDefinition<?, ?>> methods = new HashMap<>();
  private final String cluster;
  private final Executor handlers;

  /**
   * A negotiator for a server of these services.
   *
   * @param cluster the id of the cluster that is served; empty: any
   * @param handlers what runs the services' methods
   */
  public UnaryPort(String cluster, List<? extends BindableService> services, Executor handlers) {
    this.cluster = cluster;
    this.handlers = handlers;
    for (BindableService service : services) {
      for (ServerMethodDefinition<?, ?> method : service.bindService().getMethods()) {
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

    FirstBytes(ChannelHandler grpc) {
      this.grpc = grpc;
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
      UnaryFrames.cut(pipeline);
      pipeline.addLast(new FlowControlHandler(), new ServedConnection(cluster, methods, handlers));
    }
  }
}
