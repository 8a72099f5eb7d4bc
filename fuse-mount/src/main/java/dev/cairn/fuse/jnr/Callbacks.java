package dev.cairn.fuse.jnr;

import jnr.ffi.annotations.Delegate;

/**
 * The C types of the members of {@code struct fuse_operations}, named by their parameters: L is a
 * pointer or a 64-bit number, I a 32-bit one.
 *
 * <p>jnr-fuse's own callback types hand paths over as strings, decoded with the default charset: on
 * JDK 17 that is the locale's, and in any case bytes that are not of the charset are lost. These
 * take addresses, so that a name is the bytes that it is, and they make no object per parameter.
 * Public because jnr-ffi calls them from classes in a package of its own.
 */
public final class Callbacks {

  private Callbacks() {}

  /** unlink, rmdir. */
  public interface L {
    @Delegate
    int call(long path);
  }

  /**
   * getattr, symlink, rename, link, truncate, utimens, open, flush, release, opendir, releasedir,
   * statfs, removexattr.
   */
  public interface LL {
    @Delegate
    int call(long path, long second);
  }

  /** mkdir, chmod. */
  public interface LI {
    @Delegate
    int call(long path, int mode);
  }

  /** chown. */
  public interface LII {
    @Delegate
    int call(long path, int uid, int gid);
  }

  /** flock. */
  public interface LLI {
    @Delegate
    int call(long path, long fileInfo, int operation);
  }

  /** lock. */
  public interface LLIL {
    @Delegate
    int call(long path, long fileInfo, int command, long lock);
  }

  /** mknod, create, fsync, fsyncdir. */
  public interface LIL {
    @Delegate
    int call(long path, int second, long third);
  }

  /** readlink, listxattr, ftruncate, fgetattr. */
  public interface LLL {
    @Delegate
    int call(long path, long second, long third);
  }

  /** getxattr. */
  public interface LLLL {
    @Delegate
    int call(long path, long second, long third, long fourth);
  }

  /** setxattr. */
  public interface LLLLI {
    @Delegate
    int call(long path, long second, long third, long fourth, int fifth);
  }

  /** read, write, readdir. */
  public interface LLLLL {
    @Delegate
    int call(long path, long second, long third, long fourth, long fifth);
  }

  /** fallocate. */
  public interface LILLL {
    @Delegate
    int call(long path, int mode, long offset, long length, long fileInfo);
  }
}
