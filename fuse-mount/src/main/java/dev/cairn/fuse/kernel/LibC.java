package dev.cairn.fuse.kernel;

import java.nio.ByteBuffer;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.Encoding;

/**
 * The calls of the C library this binding needs. Where bytes are passed, it is by the address of a
 * direct buffer that the caller keeps alive. Errors are told by {@link Errno#last}.
 *
 * <p>Public only because jnr-ffi implements it in a class loader of its own.
 */
@Encoding("UTF-8")
public interface LibC {

  LibC INSTANCE =
      LibraryLoader.create(LibC.class)
          .load(jnr.ffi.Platform.getNativePlatform().getStandardCLibraryName());

  int open(String path, int flags);

  int close(int fd);

  long read(int fd, long address, long length);

  long write(int fd, long address, long length);

  int access(String path, int mode);

  int geteuid();

  int mount(String source, String target, String type, long flags, String data);

  int umount2(String target, int flags);

  int pipe2(long fds, int flags);

  int socketpair(int domain, int type, int protocol, long fds);

  long recvmsg(int socket, long message, int flags);

  int posix_spawn(
      long pid, String path, long fileActions, long attributes, long arguments, long environment);

  int posix_spawn_file_actions_init(long fileActions);

  int posix_spawn_file_actions_adddup2(long fileActions, int fd, int newFd);

  int posix_spawn_file_actions_destroy(long fileActions);

  int waitpid(int pid, long status, int options);

  /** The address of a direct buffer's first byte, whatever its position. */
  static long address(ByteBuffer direct) {
    return Pointer.wrap(Runtime.getRuntime(INSTANCE), direct.duplicate().rewind()).address();
  }
}
