package dev.cairn.rpc.unary;

import dev.cairn.rpc.HostPort;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.netty.bootstrap.Bootstrap;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.io.Closeable;
import java.util.concurrent.TimeUnit;

/**
 * Unary calls to one address, over a connection that is made when it is first needed and again when
 * it broke. Callbacks run on the one thread that reads the connection, which spares a wake-up per
 * call: they must not block. The calls' options are not looked at; a deadline is the caller's, who
 * cancels.
 */
public final class UnaryChannel extends Channel implements Closeable {

  private static final int CONNECT_MILLIS = 3000;

  private final HostPort to;
  private final EventLoopGroup loop;
  private final Bootstrap bootstrap;
  private volatile UnaryConnection connection;
  private boolean closed;

  public UnaryChannel(HostPort to) {
    DefaultThreadFactory threads = new DefaultThreadFactory("calls", true);
    boolean epoll = Epoll.isAvailable();
    this.to = to;
    this.loop = epoll ? new EpollEventLoopGroup(1, threads) : new NioEventLoopGroup(1, threads);
    this.bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS);
  }

  @Override
  public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
    return new UnaryCall<>(this, method);
  }

  @Override
  public String authority() {
    return to.toString();
  }

  /** The connection in force, which may be one that is still being made; null once closed. */
  UnaryConnection connection() {
    UnaryConnection now = connection;
    return now != null && !now.isBroken() ? now : connect();
  }

  private synchronized UnaryConnection connect() {
    if (closed) {
      return null;
    }
    if (connection == null || connection.isBroken()) {
      connection = new UnaryConnection(bootstrap, to);
    }
    return connection;
  }

  /** Breaks the connection off, and fails what is under way. */
  @Override
  public synchronized void close() {
    closed = true;
    if (connection != null) {
      connection.close();
    }
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
