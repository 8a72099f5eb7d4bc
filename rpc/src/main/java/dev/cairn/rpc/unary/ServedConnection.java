package dev.cairn.rpc.unary;

import dev.cairn.rpc.admission.ByteBudget;
import dev.cairn.rpc.admission.ClusterCheck;
import dev.cairn.rpc.admission.MethodBounds;
import dev.cairn.rpc.admission.MethodBounds.Kind;
import dev.cairn.rpc.admission.ServedPeer;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
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
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection from the server's side, whose requests are served. A client has a bounded share of
 * the server: the connection is not read while many of its requests are under way or its replies
 * are not taken (backpressure), and only some listings are made for it at a time. State is the
 * event loop's alone.
 */
final class ServedConnection extends SimpleChannelInboundHandler<ByteBuf> {

  private static final Logger LOG = LoggerFactory.getLogger(ServedConnection.class);

  /** Without those that wait for something by design, which are bounded by what they wait for. */
  private static final int MOST_UNDER_WAY = 1024;

  private static final int MOST_LISTINGS = 4;

  /** What a small request takes in memory besides its bytes. */
  private static final int REQUEST_BYTES = 256;

  private final Supplier<String> cluster;
  private final Map<String, ServerMethodDefinition<?, ?>> methods;
  private final Executor handlers;
  private final ByteBudget budget;
  private final ServedPeer peer;
  private final Queue<Runnable> listings = new ArrayDeque<>();
  private int listingsUnderWay;
  private int underWay;
  private boolean paused;

  /** Why nothing is answered here: the other side belongs to another cluster. Or null. */
  private StatusException foreign;

  ServedConnection(
      Supplier<String> cluster,
      Map<String, ServerMethodDefinition<?, ?>> methods,
      Executor handlers,
      ByteBudget budget,
      ServedPeer peer) {
    this.cluster = cluster;
    this.methods = methods;
    this.handlers = handlers;
    this.budget = budget;
    this.peer = peer;
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
    int bytes = frame.readableBytes() + REQUEST_BYTES;
    long number = frame.readLong();
    String name =
        frame.readCharSequence(frame.readUnsignedByte(), StandardCharsets.US_ASCII).toString();
    if (name.isEmpty()) {
      named(frame.toString(StandardCharsets.UTF_8));
      return;
    }
    if (foreign != null) {
      refuse(context, number, foreign);
      return;
    }
    ServerMethodDefinition<?, ?> method = methods.get(name);
    if (method == null || method.getMethodDescriptor().getType() != MethodType.UNARY) {
      Status unknown = Status.UNIMPLEMENTED.withDescription("no unary method " + name);
      refuse(context, number, unknown.asException());
      return;
    }
    if (!budget.take(bytes)) {
      refuse(
          context,
          number,
          GrpcErrors.toStatus(
              ErrorCode.OVERLOADED.because("the server has as many requests as it takes on")));
      return;
    }
    Kind kind = MethodBounds.of(name).kind();
    InputStream message = UnaryFrames.message(frame);
    peer.asked(System.nanoTime());
    begun(context, kind);
    Runnable ended = () -> onEventLoop(context, kind, () -> ended(context, kind, bytes));
    Runnable serving = () -> serve(context, number, method, message, kind, ended);
    if (kind == Kind.LISTING && listingsUnderWay >= MOST_LISTINGS) {
      listings.add(serving);
    } else {
      start(kind, serving);
    }
  }

  /** Takes the name of the other side's cluster: with a wrong one, all that follows is refused. */
  private void named(String claimed) {
    try {
      ClusterCheck.require(cluster.get(), claimed);
      foreign = null;
    } catch (CairnException e) {
      foreign = GrpcErrors.toStatus(e);
    }
  }

  private static void refuse(ChannelHandlerContext context, long number, StatusException why) {
    context.writeAndFlush(
        UnaryFrames.refusal(context.alloc(), number, why.getStatus(), why.getTrailers()));
  }

  /** At once, where this is the event loop. The next listing begins behind this one, not in it. */
  private static void onEventLoop(ChannelHandlerContext context, Kind kind, Runnable task) {
    if (kind != Kind.LISTING && context.executor().inEventLoop()) {
      task.run();
    } else {
      context.executor().execute(task);
    }
  }

  private void start(Kind kind, Runnable serving) {
    if (kind == Kind.LISTING) {
      listingsUnderWay++;
    }
    handlers.execute(serving);
  }

  private void begun(ChannelHandlerContext context, Kind kind) {
    if (kind != Kind.WAITING && ++underWay >= MOST_UNDER_WAY) {
      paused = true;
      readOrNot(context);
    }
  }

  private void ended(ChannelHandlerContext context, Kind kind, int bytes) {
    budget.give(bytes);
    peer.answered(System.nanoTime());
    if (kind == Kind.LISTING) {
      listingsUnderWay--;
      Runnable next = listings.poll();
      if (next != null) {
        start(kind, next);
      }
    }
    if (kind != Kind.WAITING) {
      underWay--;
    }
    if (paused && underWay <= MOST_UNDER_WAY / 2) {
      paused = false;
      readOrNot(context);
    }
  }

  private void readOrNot(ChannelHandlerContext context) {
    context.channel().config().setAutoRead(!paused && context.channel().isWritable());
  }

  private <Q, R> void serve(
      ChannelHandlerContext context,
      long number,
      ServerMethodDefinition<Q, R> method,
      InputStream message,
      Kind kind,
      Runnable ended) {
    ServedCall<Q, R> call =
        new ServedCall<>(context.channel(), number, method.getMethodDescriptor(), kind, ended);
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
    readOrNot(context);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.warn("{} is disconnected: {}", context.channel().remoteAddress(), cause.toString());
    context.close();
  }
}
