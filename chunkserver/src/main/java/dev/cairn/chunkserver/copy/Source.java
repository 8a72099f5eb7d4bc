package dev.cairn.chunkserver.copy;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.checksum.Blocks;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.DataHeader;
import dev.cairn.rpc.proto.Read;
import dev.cairn.rpc.proto.ReadPart;
import dev.cairn.rpc.proto.ReadRange;
import dev.cairn.rpc.wire.FrameChannel;
import dev.cairn.rpc.wire.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A connection to the data port of a server that is copied from. For one thread. */
final class Source implements Closeable {

  /** Most bytes, and most ranges, of a request. */
  static final int MOST_BYTES = 1 << 20;

  static final int MOST_RANGES = 1024;

  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration ANSWER = Duration.ofSeconds(15);

  /**
   * What came of one range.
   *
   * @param position of its bytes in the buffer
   * @param checksums of its blocks, as the source has them; null when there are no bytes
   * @param failure why there are none; null otherwise
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Piece(int position, int[] checksums, CairnException failure) {}

  private final FrameChannel channel;
  private final String clusterId;

  private Source(FrameChannel channel, String clusterId) {
    this.channel = channel;
    this.clusterId = clusterId;
  }

  /** Connects to a server of that cluster; one of another refuses to be read from. */
  static Source connect(Transport transport, HostPort to, String clusterId) throws IOException {
    return new Source(new FrameChannel(transport.connect(to, CONNECT)), clusterId);
  }

  /**
   * Reads ranges that begin at multiples of the block size. Their bytes come one behind the other
   * into the buffer, cut to what was asked for; after that it holds just them.
   *
   * @throws IOException when the connection is of no use any more
   */
  List<Piece> read(List<ReadRange> ranges, ByteBuffer into) throws IOException {
    channel.deadline(ANSWER);
    Read read =
        Read.newBuilder().addAllRanges(ranges).setCopies(true).setClusterId(clusterId).build();
    channel.send(DataHeader.newBuilder().setRead(read).build());
    DataHeader answer = channel.receive();
    if (answer == null) {
      throw ErrorCode.UNREACHABLE.because(channel.peer() + " closed the connection");
    }
    if (answer.hasFailure()) {
      throw CairnException.of(answer.getFailure());
    }
    if (!answer.hasReadReply() || answer.getReadReply().getPartsCount() != ranges.size()) {
      throw unasked();
    }
    into.clear();
    List<Piece> pieces = new ArrayList<>(ranges.size());
    for (int i = 0; i < ranges.size(); i++) {
      pieces.add(take(answer.getReadReply().getParts(i), ranges.get(i), into));
    }
    channel.skipPayload();
    channel.clearDeadline();
    into.flip();
    return pieces;
  }

  private CairnException unasked() {
    return ErrorCode.PROTOCOL.because(channel.peer() + " answered something else than was asked");
  }

  private Piece take(ReadPart part, ReadRange asked, ByteBuffer into) throws IOException {
    if (part.hasFailure()) {
      return new Piece(0, null, CairnException.of(part.getFailure()));
    }
    int length = asked.getLength();
    boolean fits =
        part.getOffset() == asked.getOffset()
            && part.getLength() >= length
            && part.getLength() <= Math.min(channel.payloadRemaining(), into.remaining())
            && part.getChecksumsCount() == Blocks.count(part.getOffset(), part.getLength());
    if (!fits || part.getChecksumsCount() != Blocks.count(asked.getOffset(), length)) {
      throw unasked();
    }
    int position = into.position();
    channel.readPayload(into.limit(position + part.getLength()));
    into.limit(into.capacity());
    int[] sums = new int[part.getChecksumsCount()];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = part.getChecksums(i);
    }
    if (part.getLength() > length) {
      cut(into, position, part.getLength(), length, sums);
    }
    return new Piece(position, sums, null);
  }

  /** Leaves out what the last block has behind the range, after looking whether it is well. */
  private void cut(ByteBuffer into, int position, int there, int wanted, int[] sums)
      throws CairnException {
    int last = sums.length - 1;
    int block = position + last * Blocks.SIZE;
    if (Blocks.checksum(into.slice(block, position + there - block)) != sums[last]) {
      throw ErrorCode.CORRUPT.because(
          "bytes received from " + channel.peer() + " do not match their checksum");
    }
    sums[last] = Blocks.checksum(into.slice(block, position + wanted - block));
    into.position(position + wanted);
  }

  /** Ends the connection, also under a read. */
  @Override
  public void close() {
    channel.close();
  }
}
