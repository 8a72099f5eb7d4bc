package dev.cairn.fuse.kernel;

import dev.cairn.fuse.kernel.KernelLayout.OutHeader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Memory for one reply: room for the header, right behind it the body, which begins at a page. */
final class ReplyBuffer implements Lease {

  private final ReplyShelf shelf;
  private final ByteBuffer header;
  private final ByteBuffer body;
  private final long address;

  /** A buffer that goes back to the shelf; null for one that stays where it is. */
  ReplyBuffer(int bodyCapacity, ReplyShelf shelf) {
    ByteBuffer aligned = Pages.allocate(Pages.SIZE + bodyCapacity);
    this.shelf = shelf;
    this.header =
        aligned
            .slice(Pages.SIZE - OutHeader.SIZEOF, OutHeader.SIZEOF)
            .order(ByteOrder.nativeOrder());
    this.body = aligned.slice(Pages.SIZE, bodyCapacity).order(ByteOrder.nativeOrder());
    this.address = LibC.address(aligned) + Pages.SIZE - OutHeader.SIZEOF;
  }

  /** Bytes that a buffer with such a body takes. */
  static int bytes(int bodyCapacity) {
    return Pages.bytes(Pages.SIZE + bodyCapacity);
  }

  /** The whole body, in the machine's byte order. */
  ByteBuffer body() {
    return body;
  }

  /** Fills in the header and sends; answers 0, or a negative errno. */
  int send(Device device, long unique, int errno, int bodyLength) {
    int length = OutHeader.SIZEOF + bodyLength;
    header.putInt(OutHeader.LEN, length);
    header.putInt(OutHeader.ERROR, -errno);
    header.putLong(OutHeader.UNIQUE, unique);
    return device.write(address, length);
  }

  @Override
  public void release() {
    shelf.giveBack(this);
  }

  @Override
  public void abandon() {
    shelf.giveBack(null);
  }
}
