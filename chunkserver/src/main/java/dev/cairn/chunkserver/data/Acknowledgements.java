package dev.cairn.chunkserver.data;

import dev.cairn.rpc.proto.Ack;
import dev.cairn.rpc.proto.DataHeader;
import dev.cairn.rpc.proto.Failure;
import dev.cairn.rpc.wire.FrameChannel;
import java.io.IOException;
import java.time.Duration;

/**
 * What a write stream answers: an acknowledgement of what this server and the rest of the chain
 * both have, until a failure, which is the last word. The monitor keeps answers in order; the
 * thread of the stream and the one that hears from downstream both come here.
 */
final class Acknowledgements {

  private final FrameChannel upstream;
  private final Duration linger;
  private long local;
  private long behind;
  private long sent;
  private boolean failed;

  /**
   * @param last there is no server behind this one
   */
  Acknowledgements(FrameChannel upstream, Duration linger, boolean last) {
    this.upstream = upstream;
    this.linger = linger;
    this.behind = last ? Long.MAX_VALUE : 0;
  }

  /** Says that the chain stands. */
  synchronized void ready() throws IOException {
    upstream.send(ack(0));
  }

  synchronized void local(long sequence) throws IOException {
    local = sequence;
    send();
  }

  synchronized void behind(long sequence) throws IOException {
    behind = sequence;
    send();
  }

  private void send() throws IOException {
    long both = Math.min(local, behind);
    if (both > sent && !failed) {
      sent = both;
      upstream.send(ack(both));
    }
  }

  private static DataHeader ack(long sequence) {
    return DataHeader.newBuilder().setAck(Ack.newBuilder().setSequence(sequence)).build();
  }

  /** Ends the stream; only the first failure is told. The other side has a moment to close. */
  synchronized void fail(Failure failure) throws IOException {
    if (!failed) {
      failed = true;
      upstream.deadline(linger);
      Failure told = failure.toBuilder().setAcknowledged(sent).build();
      upstream.send(DataHeader.newBuilder().setFailure(told).build());
    }
  }

  synchronized boolean isFailed() {
    return failed;
  }
}
