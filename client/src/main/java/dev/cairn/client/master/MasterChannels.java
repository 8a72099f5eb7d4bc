package dev.cairn.client.master;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.unary.UnaryChannel;
import java.io.Closeable;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A channel to each master that was asked, made when it is needed first. Thread-safe. */
final class MasterChannels implements Closeable {

  private final Map<HostPort, UnaryChannel> channels = new ConcurrentHashMap<>();
  private String cluster = "";
  private boolean closed;

  UnaryChannel to(HostPort master) {
    UnaryChannel there = channels.get(master);
    return there != null ? there : made(master);
  }

  private synchronized UnaryChannel made(HostPort master) {
    return channels.computeIfAbsent(
        master,
        to -> {
          UnaryChannel channel = new UnaryChannel(to);
          channel.belongTo(cluster);
          if (closed) {
            channel.close();
          }
          return channel;
        });
  }

  /** From now on masters of any other cluster refuse all calls. */
  synchronized void belongTo(String clusterId) {
    cluster = clusterId;
    channels.values().forEach(channel -> channel.belongTo(clusterId));
  }

  @Override
  public synchronized void close() {
    closed = true;
    channels.values().forEach(UnaryChannel::close);
  }
}
