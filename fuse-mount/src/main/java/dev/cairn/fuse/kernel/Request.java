package dev.cairn.fuse.kernel;

import com.google.protobuf.ByteString;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.fuse.kernel.KernelLayout.InHeader;
import dev.cairn.rpc.Check;
import java.nio.ByteBuffer;

/**
 * What the kernel asks for. The arguments lie in the buffer, so they are read while the operation
 * is called and not later.
 */
final class Request {

  private final RequestBuffer buffer;
  private final ByteBuffer bytes;
  private final int length;

  Request(RequestBuffer buffer, int length) {
    this.buffer = buffer;
    this.bytes = buffer.bytes();
    this.length = length;
    Check.that(length >= InHeader.SIZEOF, "a request of %d bytes has no header", length);
    Check.that(
        bytes.getInt(InHeader.LEN) == length,
        "a request of %d bytes says it has %d",
        length,
        bytes.getInt(InHeader.LEN));
  }

  int opcode() {
    return bytes.getInt(InHeader.OPCODE);
  }

  long unique() {
    return bytes.getLong(InHeader.UNIQUE);
  }

  /** The inode it is about. */
  long node() {
    return bytes.getLong(InHeader.NODEID);
  }

  /** The thread that asks, as the mounting process sees it; 0 when it can't see it. */
  int pid() {
    return bytes.getInt(InHeader.PID);
  }

  Vfs.Caller caller() {
    return new Vfs.Caller(bytes.getInt(InHeader.UID), bytes.getInt(InHeader.GID), pid());
  }

  RequestBuffer buffer() {
    return buffer;
  }

  int intAt(int offset) {
    return bytes.getInt(InHeader.SIZEOF + offset);
  }

  long longAt(int offset) {
    return bytes.getLong(InHeader.SIZEOF + offset);
  }

  /** Bytes of the arguments, where the kernel put them. */
  ByteBuffer slice(int offset, int sliceLength) {
    Check.that(
        sliceLength >= 0 && InHeader.SIZEOF + offset + sliceLength <= length,
        "a request of %d bytes should have %d behind its first %d",
        length,
        sliceLength,
        InHeader.SIZEOF + offset);
    return bytes.slice(InHeader.SIZEOF + offset, sliceLength);
  }

  /** A copy of bytes of the arguments. */
  ByteString copy(int offset, int copyLength) {
    return ByteString.copyFrom(slice(offset, copyLength));
  }

  /** A copy of the bytes from there to the next NUL. */
  ByteString text(int offset) {
    int start = InHeader.SIZEOF + offset;
    int end = start;
    while (end < length && bytes.get(end) != 0) {
      end++;
    }
    Check.that(end < length, "a text in a request of %d bytes does not end", length);
    return copy(offset, end - start);
  }
}
