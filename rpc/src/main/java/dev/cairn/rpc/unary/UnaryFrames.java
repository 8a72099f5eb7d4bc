package dev.cairn.rpc.unary;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The frames of unary calls. Numbers are big-endian; the length counts what follows it.
 *
 * <pre>
 * question  int length | long number | byte length of the method's name | its name | the message
 * answer    int length | long number | byte 0 | the message
 * cluster   int length | long 0 | byte 0 | the id of the cluster that the asking side belongs to
 * refusal   int length | long number | byte gRPC status | int number of Cairn's error | a sentence
 * </pre>
 *
 * In the refusal of a master that does not lead, which has a number of its own, the leader stands
 * in place of the sentence: {@code byte 1 when the request may be done, or else 0 | its address}.
 */
final class UnaryFrames {

  /** What a connection begins with, where one of HTTP/2 has {@code PRI }. */
  static final int PREFACE = 0x4352_4e55; // "CRNU"

  static final int PREFACE_BYTES = Integer.BYTES;

  static final int LENGTH_BYTES = Integer.BYTES;
  static final int LEAST_ANSWER_BYTES = Long.BYTES + 1;
  static final int MAX_FRAME_BYTES = ControlPlane.MAX_MESSAGE_BYTES + (1 << 10);

  /** What a call with a reply that {@link #isTooLong} ends with, as gRPC's own do. */
  static final Status TOO_LONG =
      Status.RESOURCE_EXHAUSTED.withDescription(
          "a message is longer than " + ControlPlane.MAX_MESSAGE_BYTES + " bytes");

  private UnaryFrames() {}

  static boolean isTooLong(MessageLite message) {
    return message.getSerializedSize() > ControlPlane.MAX_MESSAGE_BYTES;
  }

  static ByteBuffer preface() {
    return ByteBuffer.allocate(PREFACE_BYTES).putInt(PREFACE).flip();
  }

  static ByteBuffer question(long number, byte[] method, MessageLite message) {
    int length = Long.BYTES + 1 + method.length + message.getSerializedSize();
    ByteBuffer frame = ByteBuffer.allocate(LENGTH_BYTES + length);
    frame.putInt(length).putLong(number).put((byte) method.length).put(method);
    write(message, frame);
    return frame.flip();
  }

  /** Says of which cluster's server everything behind it is asked; it has no answer. */
  static ByteBuffer cluster(String id) {
    byte[] name = id.getBytes(StandardCharsets.UTF_8);
    int length = Long.BYTES + 1 + name.length;
    ByteBuffer frame = ByteBuffer.allocate(LENGTH_BYTES + length);
    return frame.putInt(length).putLong(0).put((byte) 0).put(name).flip();
  }

  static ByteBuf answer(ByteBufAllocator memory, long number, MessageLite message) {
    int messageBytes = message.getSerializedSize();
    ByteBuf frame = begin(memory, Long.BYTES + 1 + messageBytes, number);
    frame.writeByte(Status.Code.OK.value());
    return write(frame, message, messageBytes);
  }

  static ByteBuf refusal(ByteBufAllocator memory, long number, Status status, Metadata trailers) {
    if (GrpcErrors.number(trailers) == ErrorCode.NOT_LEADER.number()) {
      return notLeader(memory, number, status, trailers);
    }
    String sentence = status.getDescription() == null ? "" : status.getDescription();
    int sentenceBytes = ByteBufUtil.utf8Bytes(sentence);
    ByteBuf frame = begin(memory, Long.BYTES + 1 + Integer.BYTES + sentenceBytes, number);
    frame.writeByte(status.getCode().value()).writeInt(GrpcErrors.number(trailers));
    frame.writeCharSequence(sentence, StandardCharsets.UTF_8);
    return frame;
  }

  private static ByteBuf notLeader(
      ByteBufAllocator memory, long number, Status status, Metadata trailers) {
    String leader = GrpcErrors.leader(trailers);
    ByteBuf frame = begin(memory, Long.BYTES + 1 + Integer.BYTES + 1 + leader.length(), number);
    frame.writeByte(status.getCode().value()).writeInt(ErrorCode.NOT_LEADER.number());
    frame.writeBoolean(GrpcErrors.mayBeDone(trailers));
    frame.writeCharSequence(leader, StandardCharsets.US_ASCII);
    return frame;
  }

  /** What a refusal is to its caller: reads what follows the status in the frame. */
  static Refusal refusal(Status status, ByteBuffer rest) {
    int number = rest.getInt();
    if (number != ErrorCode.NOT_LEADER.number()) {
      String sentence = StandardCharsets.UTF_8.decode(rest).toString();
      return new Refusal(status.withDescription(sentence), GrpcErrors.trailers(number));
    }
    boolean mayBeDone = rest.get() != 0;
    String leader = StandardCharsets.US_ASCII.decode(rest).toString();
    return new Refusal(status, GrpcErrors.notLeaderTrailers(leader, mayBeDone));
  }

  /** How a call ended that was not answered. */
  record Refusal(Status status, Metadata trailers) {}

  private static ByteBuf begin(ByteBufAllocator memory, int length, long number) {
    return memory.buffer(LENGTH_BYTES + length).writeInt(length).writeLong(number);
  }

  private static ByteBuf write(ByteBuf frame, MessageLite message, int bytes) {
    write(message, frame.nioBuffer(frame.writerIndex(), bytes));
    return frame.writerIndex(frame.writerIndex() + bytes);
  }

  private static void write(MessageLite message, ByteBuffer room) {
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(room);
      message.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("a message is longer than it said", e);
    }
  }

  /** What is left of a question, as gRPC's marshallers read it. */
  static InputStream message(ByteBuf rest) {
    byte[] bytes = new byte[rest.readableBytes()];
    rest.readBytes(bytes);
    return new Message(bytes);
  }

  /** What is left of an answer, as gRPC's marshallers read it. */
  static InputStream message(ByteBuffer rest) {
    byte[] bytes = new byte[rest.remaining()];
    rest.get(bytes);
    return new Message(bytes);
  }

  private static final class Message extends ByteArrayInputStream implements KnownLength {

    Message(byte[] bytes) {
      super(bytes);
    }
  }
}
