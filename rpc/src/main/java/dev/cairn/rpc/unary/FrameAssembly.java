package dev.cairn.rpc.unary;

import dev.cairn.rpc.error.OtherProtocolException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Puts frames together from bytes as they come, and hands them on without their length. */
final class FrameAssembly {

  private final Consumer<ByteBuffer> whole;
  private final ByteBuffer length = ByteBuffer.allocate(UnaryFrames.LENGTH_BYTES);
  private ByteBuffer frame;

  FrameAssembly(Consumer<ByteBuffer> whole) {
    this.whole = whole;
  }

  /** Takes all bytes of the buffer. */
  void take(ByteBuffer input) throws IOException {
    while (input.hasRemaining()) {
      if (frame == null) {
        move(input, length);
        if (length.hasRemaining()) {
          return;
        }
        frame = ByteBuffer.allocate(checked(length.getInt(0)));
        length.clear();
      }
      move(input, frame);
      if (!frame.hasRemaining()) {
        ByteBuffer done = frame.flip();
        frame = null;
        whole.accept(done);
      }
    }
  }

  private static int checked(int bytes) throws IOException {
    if (bytes < UnaryFrames.LEAST_ANSWER_BYTES || bytes > UnaryFrames.MAX_FRAME_BYTES) {
      throw new OtherProtocolException(
          "a frame of " + Integer.toUnsignedLong(bytes) + " bytes came");
    }
    return bytes;
  }

  private static void move(ByteBuffer from, ByteBuffer to) {
    int count = Math.min(from.remaining(), to.remaining());
    to.put(to.position(), from, from.position(), count);
    to.position(to.position() + count);
    from.position(from.position() + count);
  }
}
