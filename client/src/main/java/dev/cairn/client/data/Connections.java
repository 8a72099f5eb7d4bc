package dev.cairn.client.data;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.wire.FrameChannel;
import dev.cairn.rpc.wire.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Supplier;

/** Connections for requests and answers, kept open between them. */
final class Connections implements Closeable {

  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final int MOST_IDLE = 8;

  /** A connection on loan. */
  record Lent(HostPort to, FrameChannel channel, boolean used) {}

  private final Transport transport;
  private final Supplier<String> clusterId;
  private final Map<HostPort, Deque<FrameChannel>> idle = new HashMap<>();
  private boolean closed;

  Connections(Transport transport, Supplier<String> clusterId) {
    this.transport = transport;
    this.clusterId = clusterId;
  }

  /** Of the cluster whose chunks are meant: servers of another one refuse. */
  String clusterId() {
    return clusterId.get();
  }

  /**
   * An idle connection where there is one (it may have been closed by the server), else a new one.
   */
  Lent take(HostPort to) throws IOException {
    synchronized (this) {
      Deque<FrameChannel> channels = idle.get(to);
      FrameChannel channel = channels == null ? null : channels.poll();
      if (channel != null) {
        return new Lent(to, channel, true);
      }
    }
    return fresh(to);
  }

  Lent fresh(HostPort to) throws IOException {
    return new Lent(to, new FrameChannel(transport.connect(to, CONNECT_TIMEOUT)), false);
  }

  /** Takes back a connection whose last conversation is complete. */
  void give(Lent lent) {
    lent.channel().clearDeadline();
    synchronized (this) {
      Deque<FrameChannel> channels = idle.computeIfAbsent(lent.to(), key -> new ArrayDeque<>());
      if (!closed && channels.size() < MOST_IDLE) {
        channels.push(lent.channel());
        return;
      }
    }
    lent.channel().close();
  }

  /** Closes the idle connections to a server that failed: none of them is any better. */
  synchronized void dropIdle(HostPort to) {
    Deque<FrameChannel> channels = idle.remove(to);
    if (channels != null) {
      channels.forEach(FrameChannel::close);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    for (Iterator<Deque<FrameChannel>> all = idle.values().iterator(); all.hasNext(); ) {
      all.next().forEach(FrameChannel::close);
      all.remove();
    }
  }
}
