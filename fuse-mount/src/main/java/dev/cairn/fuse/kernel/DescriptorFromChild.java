package dev.cairn.fuse.kernel;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs fusermount3 with a socket in {@code _FUSE_COMMFD} and receives the descriptor it sends. By
 * posix_spawn(3), because a {@link ProcessBuilder} lets no descriptor but the first three through.
 */
final class DescriptorFromChild {

  // <sys/socket.h>, <fcntl.h>
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int O_CLOEXEC = 02000000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;

  // struct msghdr and struct cmsghdr where long has 64 bits
  private static final int MSGHDR = 56;
  private static final int MSG_IOV = 16;
  private static final int MSG_IOVLEN = 24;
  private static final int MSG_CONTROL = 32;
  private static final int MSG_CONTROLLEN = 40;
  private static final int CMSGHDR = 16;
  private static final int CMSG_LEVEL = 8;
  private static final int CMSG_TYPE = 12;

  private static final int STDERR = 2;
  private static final int LONGEST_MESSAGE = 4096;

  /** More than any C library's posix_spawn_file_actions_t. */
  private static final int FILE_ACTIONS = 1024;

  private DescriptorFromChild() {}

  /** Answers the descriptor, or fails with what the program wrote to its standard error. */
  static int ask(String program, List<String> arguments) throws CairnException {
    int[] sockets = pair(fds -> LibC.INSTANCE.socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    int[] errors = pair(fds -> LibC.INSTANCE.pipe2(fds, O_CLOEXEC));
    try {
      int pid = spawn(program, arguments, sockets[1], errors[1]);
      sockets[1] = close(sockets[1]);
      errors[1] = close(errors[1]);
      int fd = receive(sockets[0]);
      String said = readAll(errors[0]);
      LibC.INSTANCE.waitpid(pid, LibC.address(memory(Integer.BYTES)), 0);
      if (fd < 0) {
        throw ErrorCode.NOT_PERMITTED.because(
            said.isEmpty() ? program + " did not mount" : said.strip());
      }
      return fd;
    } finally {
      for (int[] fds : List.of(sockets, errors)) {
        close(fds[0]);
        close(fds[1]);
      }
    }
  }

  private interface Call {
    int with(long fds);
  }

  private static int[] pair(Call call) throws CairnException {
    ByteBuffer fds = memory(2 * Integer.BYTES);
    check(call.with(LibC.address(fds)) == 0, "a pair of descriptors", Errno.last());
    return new int[] {fds.getInt(0), fds.getInt(Integer.BYTES)};
  }

  private static int spawn(String program, List<String> arguments, int socket, int standardError)
      throws CairnException {
    List<String> environment = new ArrayList<>(List.of("_FUSE_COMMFD=" + socket));
    System.getenv().forEach((name, value) -> environment.add(name + "=" + value));
    List<ByteBuffer> alive = new ArrayList<>();
    ByteBuffer pid = memory(Integer.BYTES);
    ByteBuffer actions = memory(FILE_ACTIONS);
    LibC.INSTANCE.posix_spawn_file_actions_init(LibC.address(actions));
    LibC.INSTANCE.posix_spawn_file_actions_adddup2(LibC.address(actions), standardError, STDERR);
    int errno;
    try {
      errno =
          LibC.INSTANCE.posix_spawn(
              LibC.address(pid),
              program,
              LibC.address(actions),
              0,
              LibC.address(strings(arguments, alive)),
              LibC.address(strings(environment, alive)));
    } finally {
      Reference.reachabilityFence(alive);
    }
    LibC.INSTANCE.posix_spawn_file_actions_destroy(LibC.address(actions));
    check(errno == 0, program, errno);
    return pid.getInt(0);
  }

  /**
   * An array of pointers to C strings that ends with a null pointer; all of it stays in {@code
   * alive}.
   */
  private static ByteBuffer strings(List<String> strings, List<ByteBuffer> alive) {
    ByteBuffer array = memory((strings.size() + 1) * Long.BYTES);
    alive.add(array);
    for (String string : strings) {
      byte[] bytes = string.getBytes(StandardCharsets.UTF_8);
      ByteBuffer text = memory(bytes.length + 1).put(bytes);
      alive.add(text);
      array.putLong(LibC.address(text));
    }
    return array;
  }

  /** Waits for a message with a descriptor; -1 when the other side has closed. */
  private static int receive(int socket) {
    ByteBuffer data = memory(1);
    ByteBuffer vector = memory(2 * Long.BYTES);
    vector.putLong(0, LibC.address(data)).putLong(Long.BYTES, data.capacity());
    ByteBuffer control = memory(CMSGHDR + Long.BYTES);
    ByteBuffer message = memory(MSGHDR);
    message.putLong(MSG_IOV, LibC.address(vector)).putLong(MSG_IOVLEN, 1);
    message.putLong(MSG_CONTROL, LibC.address(control));
    message.putLong(MSG_CONTROLLEN, control.capacity());
    long received;
    try {
      do {
        received = LibC.INSTANCE.recvmsg(socket, LibC.address(message), MSG_CMSG_CLOEXEC);
      } while (received < 0 && Errno.last() == Errno.EINTR);
    } finally {
      Reference.reachabilityFence(List.of(data, vector, control));
    }
    boolean carriesOne =
        received > 0
            && message.getLong(MSG_CONTROLLEN) >= CMSGHDR + Integer.BYTES
            && control.getInt(CMSG_LEVEL) == SOL_SOCKET
            && control.getInt(CMSG_TYPE) == SCM_RIGHTS;
    return carriesOne ? control.getInt(CMSGHDR) : -1;
  }

  private static String readAll(int fd) {
    ByteBuffer text = memory(LONGEST_MESSAGE);
    long length = 1;
    while (length > 0 && text.hasRemaining()) {
      length = LibC.INSTANCE.read(fd, LibC.address(text) + text.position(), text.remaining());
      text.position(text.position() + (int) Math.max(0, length));
    }
    return StandardCharsets.UTF_8.decode(text.flip()).toString();
  }

  private static ByteBuffer memory(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
  }

  private static int close(int fd) {
    if (fd >= 0) {
      LibC.INSTANCE.close(fd);
    }
    return -1;
  }

  private static void check(boolean worked, String what, int errno) throws CairnException {
    if (!worked) {
      throw ErrorCode.IO.because("cannot get " + what + ": " + Errno.name(errno));
    }
  }
}
