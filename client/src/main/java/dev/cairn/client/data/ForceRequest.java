package dev.cairn.client.data;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.DataHeader;
import dev.cairn.rpc.proto.Sync;
import dev.cairn.rpc.wire.FrameChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;

/**
 * Has a server force chunks to its disk. Forcing much to a slow disk takes its time, and a server
 * that is paused or cut off does not answer either: so the wait goes on for as long as somebody
 * {@linkplain #lives() says} that the server lives, within limits.
 */
public final class ForceRequest {

  /** As for a server of a chain. */
  static final Duration QUIET = Duration.ofSeconds(3);

  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final Connections connections;
  private final HostPort server;
  private final Sync sync;
  private final long giveUpNanos = System.nanoTime() + LONGEST.toNanos();

  /** What the answer is awaited on; null before and after. Guarded by this, as the next. */
  private FrameChannel awaited;

  private boolean over;

  ForceRequest(Connections connections, HostPort server, Collection<Long> chunkIds) {
    this.connections = connections;
    this.server = server;
    this.sync =
        Sync.newBuilder()
            .setSequence(1)
            .addAllChunkIds(chunkIds)
            .setClusterId(connections.clusterId())
            .build();
  }

  /** Returns when the chunks are on the disk. */
  public void run() throws CairnException {
    try {
      Connections.Lent lent = connections.take(server);
      try {
        converse(lent);
      } catch (IOException e) {
        lent.channel().close();
        if (!lent.used() || isAnswer(e)) {
          throw e;
        }
        connections.dropIdle(server);
        converse(connections.fresh(server));
      }
    } catch (CairnException e) {
      throw e;
    } catch (IOException e) {
      throw ErrorCode.UNREACHABLE.because(String.valueOf(e.getMessage()), e);
    } finally {
      await(null);
      synchronized (this) {
        over = true;
      }
    }
  }

  private static boolean isAnswer(IOException e) {
    return e instanceof CairnException known && known.code() != ErrorCode.UNREACHABLE;
  }

  private void converse(Connections.Lent lent) throws IOException {
    lent.channel().deadline(QUIET);
    lent.channel().send(DataHeader.newBuilder().setSync(sync).build());
    await(lent.channel());
    DataHeader reply = lent.channel().receive();
    await(null);
    if (reply == null) {
      throw ErrorCode.UNREACHABLE.because(lent.to() + " closed the connection");
    }
    if (reply.hasFailure()) {
      throw CairnException.of(reply.getFailure());
    }
    if (!reply.hasAck() || reply.getAck().getSequence() != sync.getSequence()) {
      throw ErrorCode.PROTOCOL.because(lent.to() + " answered a sync with something else");
    }
    connections.give(lent);
  }

  private synchronized void await(FrameChannel channel) {
    awaited = channel;
  }

  /** Whether there is nothing to wait for any more. */
  public synchronized boolean isOver() {
    return over;
  }

  /** The server lives: it may take longer. */
  public synchronized void lives() {
    if (awaited != null && giveUpNanos - System.nanoTime() > QUIET.toNanos()) {
      awaited.deadline(QUIET);
    }
  }
}
