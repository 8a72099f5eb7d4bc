package dev.cairn.fuse.kernel;

import com.google.protobuf.ByteString;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.fuse.XattrNames;
import dev.cairn.fuse.kernel.KernelLayout.GetxattrIn;
import dev.cairn.fuse.kernel.KernelLayout.GetxattrOut;
import dev.cairn.fuse.kernel.KernelNumbers.Opcode;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.nio.ByteBuffer;
import java.util.List;

/** Extended attributes: of the namespaces that {@link XattrNames} lets through. */
final class XattrOperations {

  // struct fuse_setxattr_in as it is without FUSE_SETXATTR_EXT (FUSE_COMPAT_SETXATTR_IN_SIZE).
  private static final int SET_SIZE = 0;
  private static final int SET_FLAGS = 4;
  private static final int SET_SIZEOF = 8;

  // setxattr(2)
  private static final int XATTR_CREATE = 1;
  private static final int XATTR_REPLACE = 2;

  private static final byte[] END_OF_NAME = {0};

  private final Vfs vfs;

  XattrOperations(Vfs vfs) {
    this.vfs = vfs;
  }

  void register(Operations operations) {
    operations.add(Opcode.SETXATTR, this::set);
    operations.add(Opcode.GETXATTR, this::get);
    operations.add(Opcode.LISTXATTR, this::list);
    operations.add(Opcode.REMOVEXATTR, this::remove);
  }

  private void set(Request request, Reply reply) {
    ByteString name = request.text(SET_SIZEOF);
    if (refused(name, reply)) {
      return;
    }
    ByteString value = request.copy(SET_SIZEOF + name.size() + 1, request.intAt(SET_SIZE));
    int flags = request.intAt(SET_FLAGS);
    reply.answerDone(
        vfs.setXattr(
            request.node(),
            name,
            value,
            (flags & XATTR_CREATE) != 0,
            (flags & XATTR_REPLACE) != 0));
  }

  private void get(Request request, Reply reply) {
    ByteString name = request.text(GetxattrIn.SIZEOF);
    if (refused(name, reply)) {
      return;
    }
    int room = request.intAt(GetxattrIn.SIZE);
    long node = request.node();
    reply.answerUpTo(
        bodyLength(room),
        body -> vfs.getXattr(node, name),
        (value, body) -> put(value, body, room));
  }

  private void list(Request request, Reply reply) {
    int room = request.intAt(GetxattrIn.SIZE);
    long node = request.node();
    reply.answerUpTo(
        bodyLength(room),
        body -> vfs.listXattrs(node),
        (names, body) -> put(joined(names), body, room));
  }

  private void remove(Request request, Reply reply) {
    ByteString name = request.text(0);
    if (!refused(name, reply)) {
      reply.answerDone(vfs.removeXattr(request.node(), name));
    }
  }

  private static boolean refused(ByteString name, Reply reply) {
    if (XattrNames.areKept(name)) {
      return false;
    }
    reply.errno(Errno.EOPNOTSUPP);
    return true;
  }

  private static int bodyLength(int room) {
    return Math.max(room, GetxattrOut.SIZEOF);
  }

  /** The value, or how long it is when there is no room at all: getxattr(2). */
  private static int put(ByteString value, ByteBuffer body, int room) throws CairnException {
    if (room == 0) {
      body.putInt(GetxattrOut.SIZE, value.size());
      body.putInt(GetxattrOut.PADDING, 0);
      return GetxattrOut.SIZEOF;
    }
    if (value.size() > room) {
      throw ErrorCode.RANGE.because("the value has " + value.size() + " bytes, not " + room);
    }
    value.copyTo(body.duplicate());
    return value.size();
  }

  private static ByteString joined(List<ByteString> names) {
    ByteString.Output all = ByteString.newOutput();
    for (ByteString name : names) {
      all.write(name.toByteArray(), 0, name.size());
      all.write(END_OF_NAME, 0, END_OF_NAME.length);
    }
    return all.toByteString();
  }
}
