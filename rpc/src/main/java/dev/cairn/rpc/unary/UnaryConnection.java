package dev.cairn.rpc.unary;

import dev.cairn.rpc.HostPort;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.bootstrap.Bootstrap;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** One connection from the callers' side, and the calls that wait for an answer on it. */
final class UnaryConnection extends SimpleChannelInboundHandler<ByteBuf> {

  private final Map<Long, UnaryCall<?, ?>> underWay = new ConcurrentHashMap<>();
  private final AtomicLong lastNumber = new AtomicLong();
  private final ChannelFuture connected;
  private volatile long heardNanos = System.nanoTime();
  private volatile Status broken;

  UnaryConnection(Bootstrap bootstrap, HostPort to) {
    ChannelInitializer<Channel> initializer =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            UnaryFrames.cut(channel.pipeline());
            channel.pipeline().addLast(UnaryConnection.this);
          }
        };
    connected = bootstrap.clone().handler(initializer).connect(to.host(), to.port());
    connected.addListener(
        made -> {
          if (made.isSuccess()) {
            Channel channel = connected.channel();
            channel.write(channel.alloc().buffer().writeInt(UnaryFrames.PREFACE));
          } else {
            broke(Status.UNAVAILABLE.withDescription("no connection").withCause(made.cause()));
          }
        });
  }

  boolean isBroken() {
    return broken != null;
  }

  /** Sends a question, as soon as the connection is made. */
  void ask(UnaryCall<?, ?> call) {
    long number = lastNumber.incrementAndGet();
    underWay.put(number, call);
    if (connected.isSuccess()) {
      send(call, number);
    } else {
      connected.addListener(
          made -> {
            if (made.isSuccess()) {
              send(call, number);
            }
          });
    }
    if (broken != null) {
      failAll();
    }
  }

  private void send(UnaryCall<?, ?> call, long number) {
    Channel channel = connected.channel();
    channel.writeAndFlush(call.frame(channel.alloc(), number), channel.voidPromise());
  }

  /**
   * Forgets a call that was waited for in vain. Where nothing at all has come since it was sent,
   * the connection is taken for dead, as one is that was cut without a word.
   */
  void givenUp(UnaryCall<?, ?> call, long sentNanos) {
    underWay.values().remove(call);
    if (heardNanos - sentNanos < 0) {
      broke(Status.UNKNOWN.withDescription("nothing more came"));
      close();
    }
  }

  void close() {
    connected.channel().close();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) {
    heardNanos = System.nanoTime();
    UnaryCall<?, ?> call = underWay.remove(frame.readLong());
    if (call != null) {
      call.answered(frame);
    }
  }

  /** Parts of a long answer are signs of life as well. */
  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    heardNanos = System.nanoTime();
    context.fireChannelReadComplete();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    broke(Status.UNKNOWN.withDescription("the connection was closed"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    broke(Status.UNKNOWN.withDescription(cause.getMessage()).withCause(cause));
    context.close();
  }

  private void broke(Status why) {
    if (broken == null) {
      broken = why;
    }
    failAll();
  }

  private void failAll() {
    underWay
        .keySet()
        .forEach(
            number -> {
              UnaryCall<?, ?> call = underWay.remove(number);
              if (call != null) {
                call.fail(broken, new Metadata());
              }
            });
  }
}
