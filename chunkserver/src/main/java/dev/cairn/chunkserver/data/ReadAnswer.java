package dev.cairn.chunkserver.data;

import dev.cairn.chunkserver.store.BlockRun;
import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.metrics.Operation;
import dev.cairn.rpc.proto.DataHeader;
import dev.cairn.rpc.proto.Failure;
import dev.cairn.rpc.proto.Read;
import dev.cairn.rpc.proto.ReadPart;
import dev.cairn.rpc.proto.ReadRange;
import dev.cairn.rpc.proto.ReadReply;
import dev.cairn.rpc.wire.FrameChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The answer to a {@code Read}: first the blocks of all ranges are looked up, which says how much
 * room they take, then they are read and checked into one buffer, then sent as one frame.
 */
final class ReadAnswer implements AutoCloseable {

  static final int MAX_BYTES = 1 << 20;
  static final int MAX_RANGES = 1024;

  private static final int MAX_MESSAGE_CHARACTERS = 120;

  /** The blocks of a range, or why there are none. */
  private record Found(BlockRun run, Failure failure) {}

  private final List<Found> found = new ArrayList<>();
  private int bytes;

  /** Answers the number of the first error among the ranges; 0 when there is none. */
  static int send(Read read, FrameChannel to, PortContext context) throws IOException {
    try (ReadAnswer answer = new ReadAnswer()) {
      answer.lookUp(read, context.store());
      if (!read.getCopies()) {
        context.clientBytes().add(answer.bytes);
      }
      context.meter().readBytes().add(answer.bytes);
      if (answer.bytes == 0) {
        return answer.send(to, ByteBuffer.allocate(0));
      }
      try (BufferPool.Lent buffer = context.buffers().take(answer.bytes, 0)) {
        return answer.send(to, buffer.bytes());
      }
    }
  }

  private void lookUp(Read read, ChunkStore store) throws CairnException {
    long asked = 0;
    for (ReadRange range : read.getRangesList()) {
      asked += Integer.toUnsignedLong(range.getLength());
    }
    if (asked > MAX_BYTES || read.getRangesCount() > MAX_RANGES) {
      throw ErrorCode.INVALID.because(
          "%s bytes in %s ranges are more than a read may ask for"
              .formatted(asked, read.getRangesCount()));
    }
    for (ReadRange range : read.getRangesList()) {
      found.add(lookUp(range, store));
    }
  }

  private Found lookUp(ReadRange range, ChunkStore store) {
    try {
      BlockRun run = store.blocks(range.getChunkId(), range.getOffset(), range.getLength());
      if (bytes + run.length() > FrameChannel.MAX_PAYLOAD_BYTES) {
        run.close();
        throw ErrorCode.TOO_BIG.because("the blocks of these ranges do not fit into one answer");
      }
      bytes += run.length();
      return new Found(run, null);
    } catch (CairnException e) {
      return new Found(null, shortened(e));
    }
  }

  private static Failure shortened(CairnException e) {
    String message = e.getMessage();
    return Failure.newBuilder()
        .setCode(e.code().number())
        .setMessage(message.substring(0, Math.min(message.length(), MAX_MESSAGE_CHARACTERS)))
        .build();
  }

  private int send(FrameChannel to, ByteBuffer buffer) throws IOException {
    ReadReply.Builder reply = ReadReply.newBuilder();
    int failure = Operation.OK;
    for (Found each : found) {
      ReadPart part = read(each, buffer);
      failure = failure == Operation.OK ? part.getFailure().getCode() : failure;
      reply.addParts(part);
    }
    to.send(DataHeader.newBuilder().setReadReply(reply).build(), buffer.flip());
    return failure;
  }

  private static ReadPart read(Found each, ByteBuffer buffer) {
    ReadPart.Builder part = ReadPart.newBuilder();
    if (each.run() == null) {
      return part.setFailure(each.failure()).build();
    }
    try {
      for (int sum : each.run().read(buffer)) {
        part.addChecksums(sum);
      }
      return part.setOffset(each.run().offset()).setLength(each.run().length()).build();
    } catch (CairnException e) {
      return part.setFailure(shortened(e)).build();
    }
  }

  @Override
  public void close() {
    for (Found each : found) {
      if (each.run() != null) {
        each.run().close();
      }
    }
  }
}
