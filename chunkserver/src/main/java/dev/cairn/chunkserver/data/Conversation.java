package dev.cairn.chunkserver.data;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.metrics.Operation;
import dev.cairn.rpc.proto.Ack;
import dev.cairn.rpc.proto.DataHeader;
import dev.cairn.rpc.proto.Failure;
import dev.cairn.rpc.proto.Read;
import dev.cairn.rpc.proto.Sync;
import dev.cairn.rpc.wire.Connection;
import dev.cairn.rpc.wire.FrameChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection, from its first frame to its end. */
final class Conversation implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);
  private static final long STREAM_PAUSE_NANOS = 10_000_000_000L;
  private static final int DRAIN_BYTES = 32 << 10;

  private final Connection connection;
  private final FrameChannel channel;
  private final PortContext context;
  private volatile WriteStream stream;

  Conversation(Connection connection, PortContext context) {
    this.connection = connection;
    this.channel = new FrameChannel(connection);
    this.context = context;
  }

  @Override
  public void run() {
    try (connection) {
      if (!served()) {
        drain();
      }
    } catch (IOException e) {
      // Nobody is left to be told.
      LOG.debug("the connection of {} ended", connection.peer(), e);
    }
  }

  /** Serves until the other side closes; false when it has been told of a failure instead. */
  private boolean served() throws IOException {
    try {
      return serve();
    } catch (CairnException e) {
      if (e.code() != ErrorCode.PROTOCOL && e.code() != ErrorCode.BUSY) {
        throw e;
      }
      context.log().warn("a connection is closed: " + e.getMessage());
      tell(e.toFailure());
      return false;
    } catch (RuntimeException | OutOfMemoryError e) {
      // The boundary of the connection: a bug, or what it asks for, ends it, and not the server.
      LOG.error("the conversation with {} failed", connection.peer(), e);
      tell(ErrorCode.IO.because("the chunk server failed: " + e).toFailure());
      return false;
    }
  }

  private boolean serve() throws IOException {
    while (true) {
      channel.deadline(context.settings().idle());
      DataHeader header = channel.receive(context.settings().header());
      if (header == null) {
        return true;
      }
      channel.deadline(context.settings().frame());
      if (channel.payloadRemaining() > 0) {
        throw unexpected(header, " with a payload");
      }
      switch (header.getKindCase()) {
        case OPEN_CHAIN -> {
          stream = new WriteStream(channel, context, header.getOpenChain());
          return stream.serve();
        }
        case READ -> read(header);
        case SYNC -> sync(header.getSync());
        default -> throw unexpected(header, "");
      }
    }
  }

  private CairnException unexpected(DataHeader header, String how) {
    return ErrorCode.PROTOCOL.because(
        connection.peer() + " sent " + header.getKindCase() + how + " to a data port");
  }

  private void read(DataHeader header) throws IOException {
    Operation read = context.meter().read();
    long began = read.begin();
    int result = ErrorCode.IO.number();
    try {
      result = read(header.getRead());
    } finally {
      read.ended(began, result);
    }
  }

  /** Answers the number of the error, if there is one. */
  private int read(Read read) throws IOException {
    try {
      context.checkCluster(read.getClusterId());
      return ReadAnswer.send(read, channel, context);
    } catch (CairnException e) {
      if (e.code() != ErrorCode.INVALID && e.code() != ErrorCode.OTHER_CLUSTER) {
        throw e;
      }
      tell(e.toFailure());
      return e.code().number();
    }
  }

  private void sync(Sync sync) throws IOException {
    // Waiting for disks is not the other side's fault.
    channel.clearDeadline();
    DataHeader.Builder answer = DataHeader.newBuilder();
    Operation meter = context.meter().sync();
    long began = meter.begin();
    int result = Operation.OK;
    try {
      context.checkCluster(sync.getClusterId());
      context.store().sync(sync.getChunkIdsList());
      answer.setAck(Ack.newBuilder().setSequence(sync.getSequence()));
    } catch (CairnException e) {
      result = e.code().number();
      answer.setFailure(e.toFailure().toBuilder().setSequence(sync.getSequence()));
    } finally {
      meter.ended(began, result);
    }
    channel.deadline(context.settings().frame());
    channel.send(answer.build());
  }

  private void tell(Failure failure) throws IOException {
    WriteStream open = stream;
    if (open != null) {
      open.fail(failure);
      return;
    }
    channel.send(DataHeader.newBuilder().setFailure(failure).build());
  }

  /** Reads on until the other side closes: unread bytes would make TCP take the failure back. */
  private void drain() throws IOException {
    connection.deadline(context.settings().linger());
    ByteBuffer waste = ByteBuffer.allocate(DRAIN_BYTES);
    while (connection.read(waste.clear()) >= 0) {
      LOG.trace("{} bytes of {} are thrown away", waste.position(), connection.peer());
    }
  }

  /**
   * How long the other side has been silent, in nanoseconds; negative while it is served, and for a
   * write stream that may only be slow.
   */
  long silentNanos() {
    long waited = channel.waitedNanos();
    return stream != null && waited < STREAM_PAUSE_NANOS ? -1 : waited;
  }

  /** Ends a conversation in which the other side is silent. */
  void drop() {
    connection.close();
  }

  /** Gives the other side a last word, if it does not take long, and closes. */
  void stop() {
    connection.deadline(context.settings().linger());
    try {
      if (stream != null) {
        tell(ErrorCode.STOPPING.because("the chunk server is stopping").toFailure());
      }
    } catch (IOException e) {
      LOG.debug("{} could not be told of the stop", connection.peer(), e);
    } finally {
      connection.close();
    }
  }
}
