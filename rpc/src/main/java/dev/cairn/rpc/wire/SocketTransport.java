package dev.cairn.rpc.wire;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** Plain TCP over blocking {@link SocketChannel}s. */
public final class SocketTransport implements Transport {

  @Override
  public Connection connect(HostPort to, Duration timeout) throws IOException {
    InetSocketAddress address = to.resolve();
    if (address.isUnresolved()) {
      throw ErrorCode.UNREACHABLE.because("the host name of " + to + " is unknown");
    }
    SocketChannel channel = SocketChannel.open();
    try {
      channel.socket().connect(address, Math.toIntExact(timeout.toMillis()));
      return new SocketConnection(channel, to.toString());
    } catch (SocketTimeoutException e) {
      channel.close();
      throw ErrorCode.TIMED_OUT.because(
          to + " did not accept a connection within " + timeout.toMillis() + " ms", e);
    } catch (ConnectException e) {
      channel.close();
      throw ErrorCode.UNREACHABLE.because(to + " refuses connections", e);
    } catch (IOException e) {
      channel.close();
      throw ErrorCode.UNREACHABLE.because(to + " cannot be reached: " + e.getMessage(), e);
    }
  }

  @Override
  public Listener listen(HostPort at) throws IOException {
    InetSocketAddress address = at.resolve();
    if (address.isUnresolved()) {
      throw ErrorCode.INVALID.because(
          "cannot listen at " + at + ": the host '" + at.host() + "' is not known");
    }
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      channel.bind(address, 512);
    } catch (IOException e) {
      channel.close();
      throw ErrorCode.INVALID.because(
          "cannot listen at " + at + ": " + GrpcErrors.systemWords(e), e);
    }
    return new SocketListener(channel);
  }

  private record SocketListener(ServerSocketChannel channel) implements Listener {

    @Override
    public Connection accept() throws IOException {
      SocketChannel accepted = channel.accept();
      InetSocketAddress peer = (InetSocketAddress) accepted.getRemoteAddress();
      return new SocketConnection(
          accepted, new HostPort(peer.getAddress().getHostAddress(), peer.getPort()).toString());
    }

    @Override
    public int port() {
      return channel.socket().getLocalPort();
    }

    @Override
    public void close() {
      closeQuietly(channel);
    }
  }

  private static final class SocketConnection implements Connection, Deadlines.Watched {

    private static final long NONE = Long.MAX_VALUE;

    private final SocketChannel channel;
    private final String peer;
    private volatile long deadlineNanos = NONE;
    private volatile boolean overdue;

    SocketConnection(SocketChannel channel, String peer) throws IOException {
      this.channel = channel;
      this.peer = peer;
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
      Deadlines.watch(this);
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      try {
        return channel.read(into);
      } catch (IOException e) {
        throw explained(e);
      }
    }

    @Override
    public void write(ByteBuffer... from) throws IOException {
      int last = from.length - 1;
      while (last >= 0 && !from[last].hasRemaining()) {
        last--;
      }
      try {
        while (last >= 0 && from[last].hasRemaining()) {
          channel.write(from, 0, last + 1);
        }
      } catch (IOException e) {
        throw explained(e);
      }
    }

    private IOException explained(IOException e) {
      if (overdue) {
        return ErrorCode.TIMED_OUT.because(peer + " did not answer in time", e);
      }
      if (e instanceof ClosedChannelException) {
        return ErrorCode.UNREACHABLE.because("the connection to " + peer + " was closed", e);
      }
      return ErrorCode.UNREACHABLE.because(
          "the connection to " + peer + " broke: " + e.getMessage(), e);
    }

    @Override
    public void deadline(Duration fromNow) {
      deadlineNanos = System.nanoTime() + fromNow.toNanos();
    }

    @Override
    public void clearDeadline() {
      deadlineNanos = NONE;
    }

    @Override
    public void closeIfOverdue(long nowNanos) {
      long deadline = deadlineNanos;
      if (deadline != NONE && nowNanos - deadline > 0) {
        overdue = true;
        close();
      }
    }

    @Override
    public String peer() {
      return peer;
    }

    @Override
    public void close() {
      Deadlines.forget(this);
      closeQuietly(channel);
    }
  }

  private static void closeQuietly(java.nio.channels.Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing is lost: the bytes that mattered were acknowledged, and the descriptor is gone.
      org.slf4j.LoggerFactory.getLogger(SocketTransport.class).debug("close failed", e);
    }
  }
}
