package dev.cairn.rpc.unary;

import com.google.protobuf.MessageLite;
import dev.cairn.rpc.admission.MethodBounds;
import dev.cairn.rpc.error.GrpcErrors;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;

/** One call, from its caller's side: a question that is sent whole, and one answer. */
final class UnaryCall<Q, R> extends ClientCall<Q, R> {

  private final UnaryChannel channel;
  private final MethodDescriptor<Q, R> method;
  private final AtomicBoolean over = new AtomicBoolean();
  private Listener<R> listener;
  private Q question;
  private volatile UnaryConnection connection;
  private volatile long sentNanos;

  UnaryCall(UnaryChannel channel, MethodDescriptor<Q, R> method) {
    this.channel = channel;
    this.method = method;
  }

  @Override
  public void start(Listener<R> listener, Metadata headers) {
    this.listener = listener;
  }

  @Override
  public void request(int messages) {
    // There is one, and it comes.
  }

  @Override
  public void sendMessage(Q message) {
    question = message;
  }

  @Override
  public void halfClose() {
    String name = method.getFullMethodName();
    if (((MessageLite) question).getSerializedSize() > MethodBounds.of(name).mostBytes()) {
      StatusException tooLong = GrpcErrors.toStatus(MethodBounds.tooLong(name));
      fail(tooLong.getStatus(), tooLong.getTrailers());
      return;
    }
    try {
      connection = channel.connection();
    } catch (IOException e) {
      fail(Status.UNAVAILABLE.withDescription(e.getMessage()).withCause(e), new Metadata());
      return;
    }
    sentNanos = System.nanoTime();
    connection.ask(this);
  }

  @Override
  public void cancel(String why, Throwable cause) {
    UnaryConnection now = connection;
    if (now != null) {
      now.givenUp(this, sentNanos);
    }
    fail(Status.CANCELLED.withDescription(why).withCause(cause), new Metadata());
  }

  ByteBuffer frame(long number) {
    byte[] name = method.getFullMethodName().getBytes(StandardCharsets.US_ASCII);
    return UnaryFrames.question(number, name, (MessageLite) question);
  }

  /** Takes the rest of a frame that answers it. */
  void answered(ByteBuffer rest) {
    Status status = Status.fromCodeValue(rest.get());
    if (!status.isOk()) {
      UnaryFrames.Refusal refusal = UnaryFrames.refusal(status, rest);
      fail(refusal.status(), refusal.trailers());
      return;
    }
    R answer;
    try {
      answer = method.parseResponse(UnaryFrames.message(rest));
    } catch (StatusRuntimeException e) {
      fail(e.getStatus(), new Metadata());
      return;
    }
    if (over.compareAndSet(false, true)) {
      listener.onMessage(answer);
      listener.onClose(status, new Metadata());
    }
  }

  void fail(Status status, Metadata trailers) {
    if (over.compareAndSet(false, true)) {
      listener.onClose(status, trailers);
    }
  }
}
