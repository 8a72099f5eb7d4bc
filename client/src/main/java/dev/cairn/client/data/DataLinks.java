package dev.cairn.client.data;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.wire.Transport;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;

/**
 * Everything this client has open to chunk servers: connections for requests, and write streams.
 */
public final class DataLinks implements Closeable {

  private static final int MOST_IDLE_STREAMS = 32;

  private final Connections connections;
  private final List<WriteStream> idleStreams = new ArrayList<>();
  private boolean closed;

  /**
   * Links over a transport.
   *
   * @param clusterId of the client's cluster; empty as long as it is not known
   */
  public DataLinks(Transport transport, Supplier<String> clusterId) {
    this.connections = new Connections(transport, clusterId);
  }

  Connections connections() {
    return connections;
  }

  /**
   * An idle stream to the chain, or a new one.
   *
   * @param slack how many times as long as usual the waits may be
   */
  public WriteStream takeStream(List<ServerAddress> chain, int slack) throws ChainFailure {
    synchronized (this) {
      for (int i = idleStreams.size() - 1; i >= 0 && slack == 1; i--) {
        if (idleStreams.get(i).chain().equals(chain)) {
          WriteStream stream = idleStreams.remove(i);
          stream.wasIdle();
          return stream;
        }
      }
    }
    return WriteStream.open(connections, chain, slack);
  }

  /** Takes a stream back; one that is not clean is closed. */
  public void giveStream(WriteStream stream) {
    WriteStream surplus = stream;
    synchronized (this) {
      if (stream.isClean() && !closed) {
        idleStreams.add(stream);
        surplus = idleStreams.size() > MOST_IDLE_STREAMS ? idleStreams.remove(0) : null;
      }
    }
    if (surplus != null) {
      surplus.close();
    }
  }

  /** Closes the idle streams that go through a server which failed. */
  public synchronized void dropStreams(int serverId) {
    for (Iterator<WriteStream> all = idleStreams.iterator(); all.hasNext(); ) {
      WriteStream stream = all.next();
      if (stream.chain().stream().anyMatch(server -> server.getServerId() == serverId)) {
        stream.close();
        all.remove();
      }
    }
  }

  /** A request to force chunks to a server's disk, not sent yet. */
  public ForceRequest force(HostPort server, Collection<Long> chunkIds) {
    return new ForceRequest(connections, server, chunkIds);
  }

  @Override
  public synchronized void close() {
    closed = true;
    idleStreams.forEach(WriteStream::close);
    idleStreams.clear();
    connections.close();
  }
}
