package dev.cairn.fuse.kernel;

/** The pool of buffers for replies of any length: a shelf for each of three sizes. */
final class ReplyBuffers {

  static final int LONGEST = 1 << 20;

  private final ReplyShelf[] shelves = {
    new ReplyShelf(8 << 10, 256), new ReplyShelf(128 << 10, 64), new ReplyShelf(LONGEST, 20)
  };

  /** Bytes that all buffers take at most. */
  long mostBytes() {
    long bytes = 0;
    for (ReplyShelf shelf : shelves) {
      bytes += shelf.mostBytes();
    }
    return bytes;
  }

  /** Hands a buffer with room for so many bytes to the user: at once, or when one comes back. */
  void whenFree(int bodyLength, ReplyShelf.User user) {
    for (ReplyShelf shelf : shelves) {
      if (bodyLength <= shelf.capacity()) {
        shelf.whenFree(user);
        return;
      }
    }
    throw new IllegalStateException("no reply has " + bodyLength + " bytes");
  }
}
