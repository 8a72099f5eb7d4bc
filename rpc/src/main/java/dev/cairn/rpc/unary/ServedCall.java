package dev.cairn.rpc.unary;

import com.google.protobuf.MessageLite;
import dev.cairn.rpc.admission.MethodBounds.Kind;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicBoolean;

/** One call from the server's side: what is said of it goes out in one frame when it is closed. */
final class ServedCall<Q, R> extends ServerCall<Q, R> {

  private final Channel channel;
  private final long number;
  private final MethodDescriptor<Q, R> method;
  private final Kind kind;
  private final Runnable ended;
  private final AtomicBoolean over = new AtomicBoolean();
  private R answer;

  /**
   * A call that is under way.
   *
   * @param ended to be run once, on any thread, when the call has nothing of the server any more
   */
  ServedCall(
      Channel channel, long number, MethodDescriptor<Q, R> method, Kind kind, Runnable ended) {
    this.channel = channel;
    this.number = number;
    this.method = method;
    this.kind = kind;
    this.ended = ended;
  }

  @Override
  public void request(int messages) {
    // There is one, and it is there.
  }

  @Override
  public void sendHeaders(Metadata headers) {
    // There are none.
  }

  @Override
  public void sendMessage(R message) {
    answer = message;
  }

  @Override
  public void close(Status status, Metadata trailers) {
    if (over.compareAndSet(false, true)) {
      ByteBuf frame = status.isOk() ? answer() : refusal(status, trailers);
      if (kind == Kind.LISTING) {
        // Listings are long: one that its client does not take counts until the connection ends.
        channel.writeAndFlush(frame).addListener(written -> ended.run());
      } else {
        channel.writeAndFlush(frame, channel.voidPromise());
        ended.run();
      }
    }
  }

  @Override
  public Attributes getAttributes() {
    return Attributes.newBuilder()
        .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, channel.remoteAddress())
        .build();
  }

  private ByteBuf answer() {
    if (answer == null) {
      return refusal(Status.INTERNAL.withDescription("there is no answer"), null);
    }
    MessageLite message = (MessageLite) answer;
    return UnaryFrames.isTooLong(message)
        ? refusal(UnaryFrames.TOO_LONG, null)
        : UnaryFrames.answer(channel.alloc(), number, message);
  }

  private ByteBuf refusal(Status status, Metadata trailers) {
    return UnaryFrames.refusal(channel.alloc(), number, status, trailers);
  }

  @Override
  public boolean isCancelled() {
    return !channel.isActive();
  }

  @Override
  public MethodDescriptor<Q, R> getMethodDescriptor() {
    return method;
  }
}
