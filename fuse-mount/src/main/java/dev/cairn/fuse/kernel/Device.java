package dev.cairn.fuse.kernel;

/**
 * The connection with the kernel: a descriptor of {@code /dev/fuse} that belongs to a mount. Any
 * number of threads may read requests and write replies; one call takes or gives one message.
 */
final class Device implements AutoCloseable {

  static final String PATH = "/dev/fuse";

  private final int fd;

  Device(int fd) {
    this.fd = fd;
  }

  /** Waits for a request; answers its length, or a negative errno. */
  int read(RequestBuffer into) {
    long length = LibC.INSTANCE.read(fd, into.address(), RequestBuffer.LONGEST_REQUEST);
    return length >= 0 ? (int) length : -Errno.last();
  }

  /** Sends a reply; answers 0, or a negative errno. */
  int write(long address, int length) {
    long written = LibC.INSTANCE.write(fd, address, length);
    return written >= 0 ? 0 : -Errno.last();
  }

  /** To be called when no thread reads any more: closing does not wake those who wait. */
  @Override
  public void close() {
    LibC.INSTANCE.close(fd);
  }
}
