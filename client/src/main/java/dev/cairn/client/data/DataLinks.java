package dev.cairn.client.data;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.DataHeader;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.proto.Sync;
import dev.cairn.rpc.wire.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;

/**
 * Everything this client has open to chunk servers: connections for requests, and write streams.
 */
public final class DataLinks implements Closeable {

  private static final int MOST_IDLE_STREAMS = 32;

  /**
   * Forcing much data to a slow disk takes its time; a dead server is noticed by the writes before.
   */
  private static final Duration SYNC_TIMEOUT = Duration.ofSeconds(30);

  private final Connections connections;
  private final List<WriteStream> idleStreams = new ArrayList<>();
  private boolean closed;

  public DataLinks(Transport transport) {
    this.connections = new Connections(transport);
  }

  Connections connections() {
    return connections;
  }

  /** An idle stream to the chain, or a new one. */
  public WriteStream takeStream(List<ServerAddress> chain) throws ChainFailure {
    synchronized (this) {
      for (int i = idleStreams.size() - 1; i >= 0; i--) {
        if (idleStreams.get(i).chain().equals(chain)) {
          return idleStreams.remove(i);
        }
      }
    }
    return WriteStream.open(connections, chain);
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

  /** Has a server force chunks to its disk. */
  public void sync(HostPort server, Collection<Long> chunkIds) throws CairnException {
    Sync sync = Sync.newBuilder().setSequence(1).addAllChunkIds(chunkIds).build();
    try {
      Connections.Lent lent = connections.take(server);
      try {
        sync(lent, sync);
      } catch (IOException e) {
        lent.channel().close();
        if (!lent.used() || isAnswer(e)) {
          throw e;
        }
        connections.dropIdle(server);
        sync(connections.fresh(server), sync);
      }
    } catch (CairnException e) {
      throw e;
    } catch (IOException e) {
      throw ErrorCode.UNREACHABLE.because(String.valueOf(e.getMessage()), e);
    }
  }

  private static boolean isAnswer(IOException e) {
    return e instanceof CairnException known && known.code() != ErrorCode.UNREACHABLE;
  }

  private void sync(Connections.Lent lent, Sync sync) throws IOException {
    lent.channel().deadline(SYNC_TIMEOUT);
    lent.channel().send(DataHeader.newBuilder().setSync(sync).build());
    DataHeader reply = lent.channel().receive();
    if (reply == null) {
      throw ErrorCode.UNREACHABLE.because(lent.to() + " closed the connection");
    }
    if (reply.hasFailure()) {
      throw CairnException.of(reply.getFailure());
    }
    connections.give(lent);
  }

  @Override
  public synchronized void close() {
    closed = true;
    idleStreams.forEach(WriteStream::close);
    idleStreams.clear();
    connections.close();
  }
}
