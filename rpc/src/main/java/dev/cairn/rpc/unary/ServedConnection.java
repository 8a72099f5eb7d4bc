package dev.cairn.rpc.unary;

import dev.cairn.rpc.control.ClusterCheck;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.GrpcErrors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelOutboundHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelOutboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection from the server's side: has its questions answered. Who does not read its answers
 * is not read either.
 */
final class ServedConnection extends SimpleChannelInboundHandler<ByteBuf> {

  private static final Logger LOG = LoggerFactory.getLogger(ServedConnection.class);

  private final String cluster;
  private final Map<String, ServerMethodDefinition<?, ?>> methods;
  private final Executor handlers;

  /** Why nothing is answered here: the other side belongs to another cluster. Or null. */
  private StatusException foreign;

  ServedConnection(
      String cluster, Map<String, ServerMethodDefinition<?, ?>> methods, Executor handlers) {
    this.cluster = cluster;
    this.methods = methods;
    this.handlers = handlers;
  }

  /**
   * What gRPC still tells a connection that it believes to be in negotiation, when that takes too
   * long or the server ends, is not for this one.
   */
  static ChannelOutboundHandler deafToGrpc() {
    return new ChannelOutboundHandlerAdapter() {
      @Override
      public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf) {
          context.write(message, promise);
        } else {
          promise.trySuccess();
        }
      }
    };
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) {
    long number = frame.readLong();
    String name =
        frame.readCharSequence(frame.readUnsignedByte(), StandardCharsets.US_ASCII).toString();
    if (name.isEmpty()) {
      named(frame.toString(StandardCharsets.UTF_8));
      return;
    }
    if (foreign != null) {
      context.writeAndFlush(
          UnaryFrames.refusal(context.alloc(), number, foreign.getStatus(), foreign.getTrailers()));
      return;
    }
    ServerMethodDefinition<?, ?> method = methods.get(name);
    if (method == null || method.getMethodDescriptor().getType() != MethodType.UNARY) {
      Status unknown = Status.UNIMPLEMENTED.withDescription("no unary method " + name);
      context.writeAndFlush(UnaryFrames.refusal(context.alloc(), number, unknown, null));
      return;
    }
    InputStream message = UnaryFrames.message(frame);
    handlers.execute(() -> serve(context, number, method, message));
  }

  /** Takes the name of the other side's cluster: with a wrong one, all that follows is refused. */
  private void named(String claimed) {
    try {
      ClusterCheck.require(cluster, claimed);
      foreign = null;
    } catch (CairnException e) {
      foreign = GrpcErrors.toStatus(e);
    }
  }

  private <Q, R> void serve(
      ChannelHandlerContext context,
      long number,
      ServerMethodDefinition<Q, R> method,
      InputStream message) {
    ServedCall<Q, R> call =
        new ServedCall<>(context.channel(), number, method.getMethodDescriptor());
    try {
      Q question = method.getMethodDescriptor().parseRequest(message);
      ServerCall.Listener<Q> listener =
          method.getServerCallHandler().startCall(call, new Metadata());
      listener.onMessage(question);
      listener.onHalfClose();
    } catch (StatusRuntimeException e) {
      call.close(e.getStatus(), e.getTrailers());
    } catch (RuntimeException e) {
      LOG.error("a call of {} failed", method.getMethodDescriptor().getFullMethodName(), e);
      call.close(Status.UNKNOWN.withDescription(e.toString()), null);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    context.channel().config().setAutoRead(context.channel().isWritable());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.warn("{} is disconnected: {}", context.channel().remoteAddress(), cause.toString());
    context.close();
  }
}
