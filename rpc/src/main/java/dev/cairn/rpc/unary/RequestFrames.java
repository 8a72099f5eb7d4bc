package dev.cairn.rpc.unary;

import dev.cairn.rpc.admission.MethodBounds;
import dev.cairn.rpc.admission.UnfinishedRequests;
import dev.cairn.rpc.error.GrpcErrors;
import io.grpc.StatusException;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelFutureListener;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.ByteToMessageDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.CorruptedFrameException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Cuts what comes on a served connection into requests, without their length. A request that is
 * longer than its method allows is refused by its first bytes, and the connection closed. Memory is
 * taken as bytes come, never by what a length promises.
 */
final class RequestFrames extends ByteToMessageDecoder implements UnfinishedRequests.Unfinished {

  private static final int NUMBER_AT = UnaryFrames.LENGTH_BYTES;
  private static final int NAME_LENGTH_AT = NUMBER_AT + Long.BYTES;
  private static final int NAME_AT = NAME_LENGTH_AT + 1;

  private final UnfinishedRequests unfinished;
  private ChannelHandlerContext context;
  private boolean counted;
  private boolean checked; // the request whose bytes come may be as long as it says

  RequestFrames(UnfinishedRequests unfinished) {
    this.unfinished = unfinished;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (in.readableBytes() < NAME_AT) {
      return;
    }
    int start = in.readerIndex();
    int length = in.getInt(start);
    int nameLength = in.getUnsignedByte(start + NAME_LENGTH_AT);
    int head = Long.BYTES + 1 + nameLength;
    if (length < head || length > UnaryFrames.MAX_FRAME_BYTES) {
      throw new CorruptedFrameException(
          "a frame of " + Integer.toUnsignedLong(length) + " bytes came");
    }
    if (!checked) {
      if (in.readableBytes() < NAME_AT + nameLength) {
        return;
      }
      String method = in.toString(start + NAME_AT, nameLength, StandardCharsets.US_ASCII);
      if (length - head > MethodBounds.of(method).mostBytes()) {
        refuse(context, in, method);
        return;
      }
      checked = true;
    }
    int whole = UnaryFrames.LENGTH_BYTES + length;
    if (in.readableBytes() < whole) {
      if (in.readableBytes() > UnfinishedRequests.SMALL_BYTES) {
        counted = true;
        unfinished.holds(this, in.readableBytes(), System.nanoTime());
      }
      return;
    }
    done();
    checked = false;
    in.skipBytes(UnaryFrames.LENGTH_BYTES);
    out.add(in.readRetainedSlice(length));
  }

  private void refuse(ChannelHandlerContext context, ByteBuf in, String method) {
    StatusException why = GrpcErrors.toStatus(MethodBounds.tooLong(method));
    ByteBuf refusal =
        UnaryFrames.refusal(
            context.alloc(),
            in.getLong(in.readerIndex() + NUMBER_AT),
            why.getStatus(),
            why.getTrailers());
    in.skipBytes(in.readableBytes());
    context.channel().config().setAutoRead(false);
    context.writeAndFlush(refusal).addListener(ChannelFutureListener.CLOSE);
  }

  private void done() {
    if (counted) {
      counted = false;
      unfinished.done(this);
    }
  }

  /** Closes the connection: its bytes go with it. */
  @Override
  public void giveUp() {
    context.close();
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext removed) {
    done();
  }

  @Override
  public void channelInactive(ChannelHandlerContext inactive) throws Exception {
    done();
    super.channelInactive(inactive);
  }
}
