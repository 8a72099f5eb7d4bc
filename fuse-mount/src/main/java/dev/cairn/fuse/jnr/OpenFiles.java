package dev.cairn.fuse.jnr;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Which inodes the filesystem's handles belong to: libfuse keeps the handle alone. */
final class OpenFiles {

  private final Map<Long, Long> inodes = new ConcurrentHashMap<>();

  void opened(long handle, long inode) {
    inodes.put(handle, inode);
  }

  long inode(long handle) throws CairnException {
    Long inode = inodes.get(handle);
    if (inode == null) {
      throw ErrorCode.BAD_HANDLE.because("file handle " + handle + " is not open");
    }
    return inode;
  }

  /** Forgets a handle; answers the inode. */
  long closed(long handle) throws CairnException {
    long inode = inode(handle);
    inodes.remove(handle);
    return inode;
  }
}
