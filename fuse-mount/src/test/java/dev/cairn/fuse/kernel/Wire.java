package dev.cairn.fuse.kernel;

import dev.cairn.fuse.kernel.KernelLayout.InHeader;
import dev.cairn.fuse.kernel.KernelLayout.OutHeader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The kernel's end of a connection, for tests: makes requests, and receives replies through a pipe.
 */
final class Wire implements AutoCloseable {

  private static final int O_NONBLOCK = 04000;
  private static final int LONGEST_REPLY = 60_000;

  /** A reply as the kernel gets it; the body in the machine's byte order. */
  record Received(long unique, int errno, ByteBuffer body) {}

  final RequestBuffers requestBuffers = new RequestBuffers(1, 2);
  final ReplyBuffers replyBuffers = new ReplyBuffers();
  final Interruptions interruptions = new Interruptions();
  private final int readEnd;
  private final Device device;

  Wire() {
    ByteBuffer fds = direct(2 * Integer.BYTES);
    LibC.INSTANCE.pipe2(LibC.address(fds), O_NONBLOCK);
    readEnd = fds.getInt(0);
    device = new Device(fds.getInt(Integer.BYTES));
  }

  /** A request whose arguments are these bytes. */
  Request request(int opcode, long unique, byte... arguments) {
    RequestBuffer buffer = requestBuffers.take();
    ByteBuffer bytes = buffer.bytes();
    bytes.putInt(InHeader.LEN, InHeader.SIZEOF + arguments.length);
    bytes.putInt(InHeader.OPCODE, opcode);
    bytes.putLong(InHeader.UNIQUE, unique);
    bytes.putLong(InHeader.NODEID, 1);
    bytes.put(InHeader.SIZEOF, arguments);
    return new Request(buffer, InHeader.SIZEOF + arguments.length);
  }

  /** The reply to a request, whose buffer is free for the next one from here on. */
  Reply reply(Request request) {
    request.buffer().release();
    return new Reply(device, replyBuffers, interruptions, request);
  }

  /** The next reply; null when there is none. */
  Received received() {
    ByteBuffer header = direct(OutHeader.SIZEOF);
    if (LibC.INSTANCE.read(readEnd, LibC.address(header), OutHeader.SIZEOF) <= 0) {
      return null;
    }
    int length = header.getInt(OutHeader.LEN) - OutHeader.SIZEOF;
    ByteBuffer body = direct(LONGEST_REPLY);
    if (length > 0) {
      LibC.INSTANCE.read(readEnd, LibC.address(body), length);
    }
    return new Received(
        header.getLong(OutHeader.UNIQUE), -header.getInt(OutHeader.ERROR), body.limit(length));
  }

  private static ByteBuffer direct(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    device.close();
    LibC.INSTANCE.close(readEnd);
    interruptions.close();
  }
}
