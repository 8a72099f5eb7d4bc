package dev.cairn.fuse.jnr;

import com.google.protobuf.ByteString;
import com.kenai.jffi.MemoryIO;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.fuse.XattrNames;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.List;

/**
 * The callbacks on extended attributes. Those that are not kept are refused without a round trip:
 * the kernel asks for {@code security.capability} before every single write(2).
 */
final class XattrCalls {

  private static final MemoryIO MEMORY = MemoryIO.getInstance();

  private static final ByteString NUL = ByteString.copyFrom(new byte[1]);

  // sys/xattr.h of macOS differs: XATTR_CREATE is 2 and XATTR_REPLACE 4.
  private static final int CREATE = Libraries.DARWIN ? 2 : 1;
  private static final int REPLACE = Libraries.DARWIN ? 4 : 2;

  private final Vfs vfs;
  private final Answers answers;
  private final PathResolver paths;

  XattrCalls(Vfs vfs, Answers answers, PathResolver paths) {
    this.vfs = vfs;
    this.answers = answers;
    this.paths = paths;
  }

  int get(long path, long name, long into, long size) throws CairnException {
    ByteString attribute = kept(FusePath.bytesAt(name));
    long inode = paths.inode(FusePath.at(path));
    return answer(answers.await(vfs.getXattr(inode, attribute)), into, size);
  }

  int list(long path, long into, long size) throws CairnException {
    List<ByteString> names = answers.await(vfs.listXattrs(paths.inode(FusePath.at(path))));
    ByteString all = ByteString.EMPTY;
    for (ByteString name : names) {
      all = all.concat(name).concat(NUL);
    }
    return answer(all, into, size);
  }

  /** A caller with no room at all asks how much it needs. */
  private static int answer(ByteString value, long into, long size) throws CairnException {
    if (size > 0) {
      if (value.size() > size) {
        throw ErrorCode.RANGE.because("the value has " + value.size() + " bytes");
      }
      MEMORY.putByteArray(into, value.toByteArray(), 0, value.size());
    }
    return value.size();
  }

  int set(long path, long name, long from, long size, int flags) throws CairnException {
    ByteString attribute = kept(FusePath.bytesAt(name));
    byte[] value = new byte[Math.toIntExact(size)];
    MEMORY.getByteArray(from, value, 0, value.length);
    long inode = paths.inode(FusePath.at(path));
    answers.await(
        vfs.setXattr(
            inode,
            attribute,
            ByteString.copyFrom(value),
            (flags & CREATE) != 0,
            (flags & REPLACE) != 0));
    return 0;
  }

  int remove(long path, long name) throws CairnException {
    ByteString attribute = kept(FusePath.bytesAt(name));
    answers.await(vfs.removeXattr(paths.inode(FusePath.at(path)), attribute));
    return 0;
  }

  private static ByteString kept(ByteString name) throws CairnException {
    if (!XattrNames.areKept(name)) {
      throw ErrorCode.NOT_SUPPORTED.because(name.toStringUtf8() + " is not an attribute we keep");
    }
    return name;
  }
}
