package dev.cairn.fuse.jnr;

import com.google.protobuf.ByteString;
import com.kenai.jffi.MemoryIO;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.proto.Attributes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The kernel's request that a reader thread is processing, in the buffer it was received in: {@code
 * struct fuse_in_header} (linux/fuse.h) and what follows it.
 *
 * <pre>
 *    0  uint32 len         8  uint64 unique     24  uint32 uid     32  uint32 pid
 *    4  uint32 opcode     16  uint64 nodeid     28  uint32 gid     40  the operation's own
 * </pre>
 *
 * libfuse's callbacks see a part of it only. Knowing the rest tells a lookup from a later getattr,
 * and a rename that an application asked for from one that libfuse makes up. Used by its thread
 * alone.
 */
final class Request {

  static final int GETATTR = 3;
  static final int LOOKUP = 1;
  static final int UNLINK = 10;

  private static final int OPCODE_AT = 4;
  private static final int NODE_AT = 16;
  private static final int UID_AT = 24;
  private static final int GID_AT = 28;
  private static final int PID_AT = 32;
  private static final int HEADER_BYTES = 40;

  private static final ThreadLocal<Request> CURRENT = ThreadLocal.withInitial(Request::new);

  private ByteBuffer buffer = ByteBuffer.allocate(HEADER_BYTES);
  private long address;
  private int length;
  private boolean lent;
  private ByteBuffer scratch = ByteBuffer.allocateDirect(0);

  /** What the operation's last step made of the file: saves asking for it to answer with it. */
  private Attributes result;

  /** The request of the calling thread; one without content when there is none. */
  static Request current() {
    return CURRENT.get();
  }

  /** Makes sure there is a buffer to receive into, and answers its address. */
  long receiveBuffer(int capacity) {
    if (lent || !buffer.isDirect()) {
      buffer = ByteBuffer.allocateDirect(capacity).order(ByteOrder.nativeOrder());
      address = MemoryIO.getInstance().getDirectBufferAddress(buffer);
      lent = false;
    }
    return address;
  }

  /** Begins a request that was received. */
  void begin(int receivedBytes) {
    length = receivedBytes;
    result = null;
  }

  /** Ends it: callbacks from here on do not belong to a request. */
  void end() {
    length = 0;
    result = null;
  }

  int opcode() {
    return length == 0 ? 0 : buffer.getInt(OPCODE_AT);
  }

  /** The kernel's number of the file: for inodes libfuse makes numbers of its own. */
  long node() {
    return buffer.getLong(NODE_AT);
  }

  int pid() {
    return length == 0 ? 0 : buffer.getInt(PID_AT);
  }

  Vfs.Caller caller() {
    return new Vfs.Caller(buffer.getInt(UID_AT), buffer.getInt(GID_AT), pid());
  }

  /** The string that the request ends with: of a rename, the new name. */
  ByteString lastString() {
    int end = length - 1;
    int start = end;
    while (start > HEADER_BYTES && buffer.get(start - 1) != 0) {
      start--;
    }
    return end <= HEADER_BYTES
        ? ByteString.EMPTY
        : ByteString.copyFrom(buffer.slice(start, end - start));
  }

  /** The bytes of a write, as they lie in the buffer. */
  ByteBuffer payload(long bytesAddress, int bytes) {
    return buffer.slice(Math.toIntExact(bytesAddress - address), bytes);
  }

  /** Gives the buffer away: whoever has a payload of it may keep it. */
  void leaveBuffer() {
    lent = true;
  }

  /** Memory for an answer's bytes, valid until the next call. */
  ByteBuffer scratch(int bytes) {
    if (scratch.capacity() < bytes) {
      scratch = ByteBuffer.allocateDirect(Math.max(bytes, Stat.BLOCK_BYTES));
    }
    return scratch.slice(0, bytes);
  }

  /** Gives the memory for answers away. */
  void leaveScratch() {
    scratch = ByteBuffer.allocateDirect(0);
  }

  void result(Attributes attributes) {
    result = attributes;
  }

  Attributes result() {
    return result;
  }
}
