package dev.cairn.chunkserver.data;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.DataHeader;
import dev.cairn.rpc.proto.Failure;
import dev.cairn.rpc.proto.OpenChain;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.wire.FrameChannel;
import dev.cairn.rpc.wire.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The rest of a chain, seen from the server before it. The monitor guards which appends wait for an
 * acknowledgement. While any do, the next one has to come within a bound; how many are under way
 * does not count, so that a disk that is merely busy is not taken for a server that hangs.
 */
final class Downstream implements Closeable {

  /** Hears from the rest of the chain, on the thread that runs {@link #listen}. */
  interface Listener {
    void acknowledged(long sequence) throws IOException;

    void broken(Failure failure) throws IOException;
  }

  private record Waiting(long sequence, Duration allowed) {}

  private static final long VERDICT_MILLIS = 500;

  private final FrameChannel channel;
  private final int serverId;
  private final int servers;
  private final DataPortSettings settings;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private final CountDownLatch heardAll = new CountDownLatch(1);
  private volatile boolean closed;

  private Downstream(FrameChannel channel, int serverId, int servers, DataPortSettings settings) {
    this.channel = channel;
    this.serverId = serverId;
    this.servers = servers;
    this.settings = settings;
  }

  /**
   * Connects to the first server and returns when the chain of that cluster's servers stands.
   *
   * @param slack as the client asks for it
   */
  static Downstream open(
      Transport transport,
      List<ServerAddress> chain,
      String clusterId,
      DataPortSettings usual,
      int slack)
      throws ChainBroken {
    DataPortSettings settings = usual.withSlack(slack);
    ServerAddress next = chain.get(0);
    Downstream downstream = null;
    try {
      FrameChannel channel =
          new FrameChannel(transport.connect(HostPort.of(next), settings.connect()));
      downstream = new Downstream(channel, next.getServerId(), chain.size(), settings);
      downstream.stand(chain.subList(1, chain.size()), clusterId, slack);
      return downstream;
    } catch (IOException e) {
      close(downstream);
      throw ChainBroken.at(next.getServerId(), explained(e));
    } catch (IllegalArgumentException e) {
      throw ChainBroken.at(next.getServerId(), ErrorCode.PROTOCOL.because(e.getMessage(), e));
    } catch (ChainBroken e) {
      close(downstream);
      throw e;
    }
  }

  private static void close(Downstream downstream) {
    if (downstream != null) {
      downstream.close();
    }
  }

  private void stand(List<ServerAddress> rest, String clusterId, int slack)
      throws IOException, ChainBroken {
    channel.deadline(DataPortSettings.forChain(settings.connect(), servers));
    OpenChain open =
        OpenChain.newBuilder()
            .addAllDownstream(rest)
            .setClusterId(clusterId)
            .setSlack(slack)
            .build();
    channel.send(DataHeader.newBuilder().setOpenChain(open).build());
    DataHeader answer = received();
    if (answer.hasFailure()) {
      throw new ChainBroken(blamed(answer.getFailure()));
    }
    if (!answer.hasAck() || answer.getAck().getSequence() != 0) {
      throw ErrorCode.PROTOCOL.because(channel.peer() + " answered something else than was asked");
    }
    channel.clearDeadline();
  }

  private DataHeader received() throws IOException {
    DataHeader header = channel.receive();
    if (header == null) {
      throw ErrorCode.UNREACHABLE.because(channel.peer() + " closed the connection");
    }
    channel.skipPayload();
    return header;
  }

  /** Sends an append on. */
  void send(DataHeader header, ByteBuffer payload) throws IOException {
    boolean forced = header.getAppend().getSync();
    Duration one = forced ? settings.force() : settings.acknowledge();
    Duration allowed = DataPortSettings.forChain(one, servers);
    synchronized (this) {
      waiting.add(new Waiting(header.getAppend().getSequence(), allowed));
      if (waiting.size() == 1) {
        channel.deadline(allowed);
      }
    }
    channel.send(header, payload);
  }

  /** Reads what the rest of the chain says until the connection ends. */
  void listen(Listener listener) throws IOException {
    try {
      while (true) {
        DataHeader header = received();
        if (header.hasFailure()) {
          listener.broken(blamed(header.getFailure()));
          return;
        }
        if (!header.hasAck() || !settle(header.getAck().getSequence())) {
          throw ErrorCode.PROTOCOL.because(channel.peer() + " acknowledges what was not sent");
        }
        listener.acknowledged(header.getAck().getSequence());
      }
    } catch (IOException e) {
      if (!closed) {
        listener.broken(ChainBroken.at(serverId, explained(e)).failure());
      }
    } finally {
      heardAll.countDown();
    }
  }

  private synchronized boolean settle(long sequence) {
    boolean known = false;
    while (!waiting.isEmpty() && waiting.peek().sequence() <= sequence) {
      known = waiting.poll().sequence() == sequence;
    }
    if (waiting.isEmpty()) {
      channel.clearDeadline();
    } else {
      channel.deadline(waiting.peek().allowed());
    }
    return known;
  }

  /** After a send failed: waits a moment for the reason, which comes on the other way. */
  void awaitReason() {
    try {
      if (!heardAll.await(VERDICT_MILLIS, TimeUnit.MILLISECONDS)) {
        channel.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What this server says of a failed send when nobody gave a better reason. */
  Failure failureOf(IOException e) {
    return ChainBroken.at(serverId, explained(e)).failure();
  }

  /** A failure as the next server tells it, which leaves the name out when it means itself. */
  private Failure blamed(Failure failure) {
    return failure.getServerId() == 0 ? failure.toBuilder().setServerId(serverId).build() : failure;
  }

  private static CairnException explained(IOException e) {
    return e instanceof CairnException own ? own : ErrorCode.UNREACHABLE.because(e.toString(), e);
  }

  @Override
  public void close() {
    closed = true;
    channel.close();
  }
}
