package dev.cairn.fuse.jnr;

import com.google.protobuf.ByteString;
import com.kenai.jffi.MemoryIO;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.List;
import jnr.ffi.Platform;

/**
 * The callbacks on extended attributes.
 *
 * <p>Names in {@code system.} are refused without asking: access control lists are not supported,
 * and ls(1) asks for one with every file. {@code security.capability} is asked for by the kernel
 * before every single write(2), and that it is missing is remembered as long as other attributes
 * are trusted.
 */
final class XattrCalls {

  private static final MemoryIO MEMORY = MemoryIO.getInstance();
  private static final ByteString SYSTEM = ByteString.copyFromUtf8("system.");
  private static final ByteString CAPABILITY = ByteString.copyFromUtf8("security.capability");

  private static final ByteString NUL = ByteString.copyFrom(new byte[1]);

  // sys/xattr.h of macOS differs: XATTR_CREATE is 2 and XATTR_REPLACE 4.
  private static final int CREATE = isDarwin() ? 2 : 1;
  private static final int REPLACE = isDarwin() ? 4 : 2;

  private final Vfs vfs;
  private final Answers answers;
  private final PathResolver paths;

  /** Inodes without capabilities, as names in a directory of their own. */
  private final NameCache withoutCapability;

  XattrCalls(Vfs vfs, Answers answers, PathResolver paths, NameCache withoutCapability) {
    this.vfs = vfs;
    this.answers = answers;
    this.paths = paths;
    this.withoutCapability = withoutCapability;
  }

  int get(long path, long name, long into, long size) throws CairnException {
    ByteString attribute = supported(FusePath.bytesAt(name));
    long inode = paths.inode(FusePath.at(path));
    Place place = new Place(inode, attribute);
    boolean capability = attribute.equals(CAPABILITY);
    if (capability && withoutCapability.get(place) != null) {
      return Errno.negated(ErrorCode.NO_ATTRIBUTE);
    }
    NameCache.Stamp stamp = withoutCapability.stamp(inode);
    try {
      return answer(answers.await(vfs.getXattr(inode, attribute)), into, size);
    } catch (CairnException e) {
      if (capability && e.code() == ErrorCode.NO_ATTRIBUTE) {
        withoutCapability.found(place, new NameCache.Target(inode, false), stamp);
      }
      throw e;
    }
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
    ByteString attribute = supported(FusePath.bytesAt(name));
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
    withoutCapability.removed(new Place(inode, attribute));
    return 0;
  }

  int remove(long path, long name) throws CairnException {
    ByteString attribute = supported(FusePath.bytesAt(name));
    answers.await(vfs.removeXattr(paths.inode(FusePath.at(path)), attribute));
    return 0;
  }

  private static ByteString supported(ByteString name) throws CairnException {
    if (name.startsWith(SYSTEM)) {
      throw ErrorCode.NOT_SUPPORTED.because("there are no attributes in system.");
    }
    return name;
  }

  private static boolean isDarwin() {
    return Platform.getNativePlatform().getOS() == Platform.OS.DARWIN;
  }
}
