package dev.cairn.client.data;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Append;
import dev.cairn.rpc.proto.DataHeader;
import dev.cairn.rpc.proto.Failure;
import dev.cairn.rpc.proto.OpenChain;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.wire.FrameChannel;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/**
 * A standing chain of servers to append to. Used by one thread at a time, which sends frames ahead
 * and collects their acknowledgements when it has to: no thread of its own is needed.
 */
public final class WriteStream implements Closeable {

  /** As the servers of a chain wait for each other: each has time to give up on those behind it. */
  private static final Duration ACK_TIMEOUT = Duration.ofSeconds(3);

  private static final Duration PER_SERVER = Duration.ofMillis(500);

  private final List<ServerAddress> chain;
  private final int slack;
  private final Duration patience;
  private final FrameChannel channel;
  private long lastSent;
  private long acknowledged;
  private boolean broken;

  /** Whether it was idle, and nothing was acknowledged since. */
  private boolean untried;

  private WriteStream(List<ServerAddress> chain, int slack, FrameChannel channel) {
    this.chain = chain;
    this.slack = slack;
    this.patience = ACK_TIMEOUT.multipliedBy(slack).plus(PER_SERVER.multipliedBy(chain.size()));
    this.channel = channel;
  }

  /**
   * Has a chain stand.
   *
   * @param slack how many times as long as usual the waits may be
   */
  static WriteStream open(Connections connections, List<ServerAddress> chain, int slack)
      throws ChainFailure {
    ServerAddress first = chain.get(0);
    try {
      FrameChannel channel = connections.fresh(dev.cairn.rpc.HostPort.of(first)).channel();
      WriteStream stream = new WriteStream(chain, slack, channel);
      try {
        channel.deadline(stream.patience);
        OpenChain open =
            OpenChain.newBuilder()
                .addAllDownstream(chain.subList(1, chain.size()))
                .setClusterId(connections.clusterId())
                .setSlack(slack)
                .build();
        channel.send(DataHeader.newBuilder().setOpenChain(open).build());
        stream.receive();
        channel.clearDeadline();
        return stream;
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (ChainFailure e) {
      throw e;
    } catch (IOException e) {
      throw new ChainFailure(ours(e), first.getServerId());
    }
  }

  public List<ServerAddress> chain() {
    return chain;
  }

  /** Sends a frame; the payload's remaining bytes are consumed. Answers its sequence number. */
  public long send(Append.Builder append, ByteBuffer payload) throws ChainFailure {
    long sequence = ++lastSent;
    try {
      channel.deadline(patience);
      channel.send(
          DataHeader.newBuilder().setAppend(append.setSequence(sequence)).build(), payload);
    } catch (IOException e) {
      throw broken(e);
    }
    return sequence;
  }

  /** Waits until the frame of that sequence, and with it every earlier one, is acknowledged. */
  public void awaitAck(long sequence) throws ChainFailure {
    try {
      while (acknowledged < sequence) {
        channel.deadline(patience);
        acknowledged = Math.max(acknowledged, receive());
        untried = false;
      }
      if (acknowledged == lastSent) {
        channel.clearDeadline();
      }
    } catch (IOException e) {
      throw broken(e);
    }
  }

  public void awaitAll() throws ChainFailure {
    awaitAck(lastSent);
  }

  /** Frames up to this one are acknowledged, also after a failure. */
  public long acknowledged() {
    return acknowledged;
  }

  /** It has been idle: its servers may have been started anew since. */
  void wasIdle() {
    untried = true;
  }

  /** Whether another writer may go on with this stream. */
  boolean isClean() {
    return !broken && acknowledged == lastSent && slack == 1;
  }

  private long receive() throws IOException {
    DataHeader header = channel.receive();
    if (header == null) {
      throw ErrorCode.UNREACHABLE.because(channel.peer() + " closed the connection");
    }
    if (header.hasFailure()) {
      Failure failure = header.getFailure();
      acknowledged = Math.max(acknowledged, Math.min(failure.getAcknowledged(), lastSent));
      int culprit = failure.getServerId() == 0 ? chain.get(0).getServerId() : failure.getServerId();
      throw new ChainFailure(CairnException.of(failure), culprit);
    }
    if (!header.hasAck() || header.getAck().getSequence() > lastSent) {
      throw ErrorCode.PROTOCOL.because(
          channel.peer() + " sent no acknowledgement of what was sent");
    }
    return header.getAck().getSequence();
  }

  private ChainFailure broken(IOException e) {
    broken = true;
    channel.close();
    ChainFailure failure =
        e instanceof ChainFailure known
            ? known
            : new ChainFailure(ours(e), chain.get(0).getServerId());
    ErrorCode code = failure.error().code();
    // A server that ends says so on every stream, also on those that nobody reads then.
    boolean brokeOff = code == ErrorCode.UNREACHABLE || code == ErrorCode.STOPPING;
    return new ChainFailure(failure.error(), failure.serverId(), untried && brokeOff);
  }

  private static CairnException ours(IOException e) {
    return e instanceof CairnException known
        ? known
        : ErrorCode.UNREACHABLE.because(String.valueOf(e.getMessage()), e);
  }

  @Override
  public void close() {
    channel.close();
  }
}
