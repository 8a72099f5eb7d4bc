package dev.cairn.client.data;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.checksum.Blocks;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.DataHeader;
import dev.cairn.rpc.proto.Read;
import dev.cairn.rpc.proto.ReadPart;
import dev.cairn.rpc.proto.ReadRange;
import dev.cairn.rpc.proto.ReadReply;
import dev.cairn.rpc.wire.FrameChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/**
 * One read request to one server and its answer. A block that is wanted whole is received where it
 * is wanted and verified there; of any other the wanted part is copied, and the block goes to the
 * cache.
 */
final class FetchRequest {

  private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(4);

  /** What all requests of a client share. */
  record Link(Connections connections, BlockCache cache) {}

  private final Link link;
  private final HostPort server;
  private final List<Want> wants;

  FetchRequest(Link link, HostPort server, List<Want> wants) {
    this.link = link;
    this.server = server;
    this.wants = wants;
  }

  /**
   * Answers, for each want, null where it was filled, or why it was not.
   *
   * @throws IOException when the server could not be talked to: nothing can be said of any want
   */
  CairnException[] run() throws IOException {
    Connections.Lent lent = link.connections().take(server);
    try {
      return converse(lent);
    } catch (IOException e) {
      lent.channel().close();
      boolean closedWhileIdle =
          lent.used() && e instanceof CairnException known && known.code() == ErrorCode.UNREACHABLE;
      if (!closedWhileIdle) {
        throw e;
      }
    }
    link.connections().dropIdle(server);
    Connections.Lent fresh = link.connections().fresh(server);
    try {
      return converse(fresh);
    } catch (IOException e) {
      fresh.channel().close();
      throw e;
    }
  }

  private CairnException[] converse(Connections.Lent lent) throws IOException {
    FrameChannel channel = lent.channel();
    channel.deadline(REPLY_TIMEOUT);
    channel.send(request());
    DataHeader header = channel.receive();
    if (header == null) {
      throw ErrorCode.UNREACHABLE.because(server + " closed the connection");
    }
    if (header.hasFailure()) {
      throw CairnException.of(header.getFailure());
    }
    ReadReply reply = header.getReadReply();
    if (!header.hasReadReply() || reply.getPartsCount() != wants.size()) {
      throw ErrorCode.PROTOCOL.because(server + " answered a read with something else");
    }
    CairnException[] errors = new CairnException[wants.size()];
    for (int i = 0; i < errors.length; i++) {
      ReadPart part = reply.getParts(i);
      errors[i] =
          part.hasFailure()
              ? CairnException.of(part.getFailure())
              : receive(channel, wants.get(i), part);
    }
    if (channel.payloadRemaining() != 0) {
      throw ErrorCode.PROTOCOL.because(server + " sent more bytes than it announced");
    }
    link.connections().give(lent);
    return errors;
  }

  private DataHeader request() {
    Read.Builder read = Read.newBuilder().setClusterId(link.connections().clusterId());
    for (Want want : wants) {
      read.addRanges(
          ReadRange.newBuilder()
              .setChunkId(want.chunkId())
              .setOffset(want.chunkOffset())
              .setLength(want.length()));
    }
    return DataHeader.newBuilder().setRead(read).build();
  }

  /** Receives the blocks of one part; answers what is wrong with the bytes, or null. */
  private CairnException receive(FrameChannel channel, Want want, ReadPart part)
      throws IOException {
    long at = part.getOffset();
    long end = at + Integer.toUnsignedLong(part.getLength());
    if (at != Blocks.floor(want.chunkOffset())
        || end < want.end()
        || part.getLength() < 0
        || part.getLength() > channel.payloadRemaining()
        || part.getChecksumsCount() != Blocks.count(at, part.getLength())) {
      throw ErrorCode.PROTOCOL.because(
          server + " answered a read of chunk " + want.chunkId() + " with another range");
    }
    CairnException error = null;
    for (int i = 0; at < end; i++) {
      int length = Blocks.firstPiece(at, end - at);
      if (!receiveBlock(channel, want, at, length, part.getChecksums(i))) {
        error =
            ErrorCode.CORRUPT.because(
                String.format(
                    "chunk %d from %s: block %d arrived with a wrong checksum",
                    want.chunkId(), server, at / Blocks.SIZE));
      }
      at += length;
    }
    return error;
  }

  private boolean receiveBlock(FrameChannel channel, Want want, long at, int length, int checksum)
      throws IOException {
    long from = Math.max(at, want.chunkOffset());
    long to = Math.min(at + length, want.end());
    if (want.into() != null && from == at && to == at + length) {
      ByteBuffer place = placeOf(want, from, length);
      channel.readPayload(place);
      return Blocks.checksum(place.flip()) == checksum;
    }
    ByteBuffer block = link.cache().blank().limit(length);
    boolean good = false;
    try {
      channel.readPayload(block);
      block.flip();
      good = Blocks.checksum(block) == checksum;
      if (good && want.into() != null && to > from) {
        placeOf(want, from, (int) (to - from))
            .put(block.slice((int) (from - at), (int) (to - from)));
      }
    } finally {
      if (good) {
        link.cache().put(want.chunkId(), at / Blocks.SIZE, block);
      } else {
        link.cache().discard(block);
      }
    }
    return good;
  }

  private static ByteBuffer placeOf(Want want, long chunkOffset, int length) {
    ByteBuffer into = want.into();
    return into.slice(into.position() + (int) (chunkOffset - want.chunkOffset()), length);
  }
}
