package dev.cairn.rpc.wire;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.cairn.rpc.Check;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.DataHeader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Frames on a connection. One thread receives; any thread sends. After {@link #receive} the payload
 * of that frame must be read or skipped before the next one is received.
 */
public final class FrameChannel implements Closeable {

  /** Most payload bytes of a frame. */
  public static final int MAX_PAYLOAD_BYTES = 2 << 20;

  /** Most header bytes of a frame: room for the parts of a payload of the smallest chunks. */
  public static final int MAX_HEADER_BYTES = 256 << 10;

  private static final int MAGIC = 0x43524e31; // "CRN1"
  private static final int PREFIX_BYTES = 12;
  private static final int INPUT_BYTES = 16 << 10;
  private static final int OUTPUT_BYTES = 4 << 10;

  private final Connection connection;
  private final ReentrantLock sending = new ReentrantLock();
  private final ByteBuffer input = ByteBuffer.allocateDirect(INPUT_BYTES).limit(0);
  private final byte[] output = new byte[OUTPUT_BYTES];
  private final ByteBuffer outputDirect = ByteBuffer.allocateDirect(OUTPUT_BYTES);
  private int payloadRemaining;
  private volatile boolean waiting;
  private volatile long waitingSinceNanos = System.nanoTime();

  public FrameChannel(Connection connection) {
    this.connection = connection;
  }

  /** Sends one frame; the buffers' remaining bytes are its payload, and are consumed. */
  public void send(DataHeader header, ByteBuffer... payload) throws IOException {
    long payloadBytes = 0;
    for (ByteBuffer part : payload) {
      payloadBytes += part.remaining();
    }
    int headerBytes = header.getSerializedSize();
    Check.that(payloadBytes <= MAX_PAYLOAD_BYTES, "payload of %s bytes", payloadBytes);
    Check.that(headerBytes <= MAX_HEADER_BYTES, "header of %s bytes", headerBytes);
    sending.lock();
    try {
      ByteBuffer front = front(header, headerBytes, (int) payloadBytes);
      if (payload.length == 0) {
        connection.write(front);
      } else {
        ByteBuffer[] all = new ByteBuffer[payload.length + 1];
        all[0] = front;
        System.arraycopy(payload, 0, all, 1, payload.length);
        connection.write(all);
      }
    } finally {
      sending.unlock();
    }
  }

  private ByteBuffer front(DataHeader header, int headerBytes, int payloadBytes)
      throws IOException {
    int size = PREFIX_BYTES + headerBytes;
    byte[] bytes = size <= OUTPUT_BYTES ? output : new byte[size];
    ByteBuffer.wrap(bytes).putInt(MAGIC).putInt(headerBytes).putInt(payloadBytes);
    CodedOutputStream out = CodedOutputStream.newInstance(bytes, PREFIX_BYTES, headerBytes);
    header.writeTo(out);
    out.checkNoSpaceLeft();
    return size <= OUTPUT_BYTES
        ? outputDirect.clear().put(bytes, 0, size).flip()
        : ByteBuffer.wrap(bytes);
  }

  /**
   * Waits for the next frame and returns its header, or null when the other side closed between two
   * frames.
   *
   * @throws CairnException {@code PROTOCOL} for what is no frame of ours, {@code UNREACHABLE} for a
   *     connection that broke, within a frame too, {@code BUSY} when too many long headers are
   *     under way
   */
  public DataHeader receive() throws IOException {
    return receive(null);
  }

  /**
   * The same, with a deadline for the header that begins with the frame's first byte.
   *
   * @param rest how long the rest of the header may take; null to leave the deadline as it is
   */
  public DataHeader receive(Duration rest) throws IOException {
    Check.that(payloadRemaining == 0, "%s payload bytes were not read", payloadRemaining);
    waitingSinceNanos = System.nanoTime();
    waiting = true;
    try {
      return next(rest);
    } finally {
      waiting = false;
    }
  }

  private DataHeader next(Duration rest) throws IOException {
    if (!fill(1, true)) {
      return null;
    }
    if (rest != null) {
      connection.deadline(rest);
    }
    fill(PREFIX_BYTES, false);
    int magic = input.getInt();
    int headerBytes = input.getInt();
    int payloadBytes = input.getInt();
    if (magic != MAGIC) {
      throw ErrorCode.PROTOCOL.because(
          String.format("%s sent no frame of Cairn's data port (%08x)", peer(), magic));
    }
    if (headerBytes < 0 || headerBytes > MAX_HEADER_BYTES) {
      throw ErrorCode.PROTOCOL.because(
          peer() + " sent a header of " + Integer.toUnsignedLong(headerBytes) + " bytes");
    }
    if (payloadBytes < 0 || payloadBytes > MAX_PAYLOAD_BYTES) {
      throw ErrorCode.PROTOCOL.because(
          peer() + " sent a payload of " + Integer.toUnsignedLong(payloadBytes) + " bytes");
    }
    DataHeader header = headerBytes <= INPUT_BYTES ? header(headerBytes) : longHeader(headerBytes);
    payloadRemaining = payloadBytes;
    return header;
  }

  /** A header that fits into the input buffer: what was announced costs nothing. */
  private DataHeader header(int bytes) throws IOException {
    fill(bytes, false);
    ByteBuffer header = input.slice(input.position(), bytes);
    input.position(input.position() + bytes);
    try {
      return DataHeader.parseFrom(header);
    } catch (InvalidProtocolBufferException e) {
      throw unreadable(e);
    }
  }

  /** A long header, which gets memory of its own when the input buffer is full of it. */
  private DataHeader longHeader(int bytes) throws IOException {
    fill(INPUT_BYTES, false);
    try (LongHeaders.Share share = LongHeaders.take(bytes, peer())) {
      ByteBuffer header = ByteBuffer.wrap(share.bytes()).put(input);
      readFully(header);
      return DataHeader.parseFrom(header.flip());
    } catch (InvalidProtocolBufferException e) {
      throw unreadable(e);
    }
  }

  private CairnException unreadable(InvalidProtocolBufferException e) {
    return ErrorCode.PROTOCOL.because(peer() + " sent a header that cannot be read", e);
  }

  /**
   * How long the other side has kept the receiving thread waiting for a frame's header, in
   * nanoseconds; negative while a frame is handled. For any thread.
   */
  public long waitedNanos() {
    return waiting ? Math.max(0, System.nanoTime() - waitingSinceNanos) : -1;
  }

  /** Bytes of the last received frame's payload that were not read yet. */
  public int payloadRemaining() {
    return payloadRemaining;
  }

  /** Fills the buffer's remaining space from the payload, which must have as many bytes left. */
  public void readPayload(ByteBuffer into) throws IOException {
    int length = into.remaining();
    Check.that(length <= payloadRemaining, "%s of %s payload bytes", length, payloadRemaining);
    int buffered = Math.min(length, input.remaining());
    if (buffered > 0) {
      ByteBuffer head = input.slice(input.position(), buffered);
      into.put(head);
      input.position(input.position() + buffered);
    }
    readFully(into);
    payloadRemaining -= length;
  }

  /** Throws the rest of the payload away. */
  public void skipPayload() throws IOException {
    while (payloadRemaining > 0) {
      if (!input.hasRemaining()) {
        fill(1, false);
      }
      int skipped = Math.min(payloadRemaining, input.remaining());
      input.position(input.position() + skipped);
      payloadRemaining -= skipped;
    }
  }

  /**
   * Makes at least that many bytes available in the input buffer; false at the end of the stream.
   */
  private boolean fill(int bytes, boolean endAllowed) throws IOException {
    if (input.remaining() >= bytes) {
      return true;
    }
    input.compact();
    try {
      while (input.position() < bytes) {
        if (connection.read(input) < 0) {
          if (endAllowed && input.position() == 0) {
            return false;
          }
          throw brokenOff();
        }
      }
    } finally {
      input.flip();
    }
    return true;
  }

  private void readFully(ByteBuffer into) throws IOException {
    while (into.hasRemaining()) {
      if (connection.read(into) < 0) {
        throw brokenOff();
      }
    }
  }

  private CairnException brokenOff() {
    return ErrorCode.UNREACHABLE.because(peer() + " broke off in the middle of a frame");
  }

  /** See {@link Connection#deadline}. */
  public void deadline(Duration fromNow) {
    connection.deadline(fromNow);
  }

  public void clearDeadline() {
    connection.clearDeadline();
  }

  public String peer() {
    return connection.peer();
  }

  @Override
  public void close() {
    connection.close();
  }
}
