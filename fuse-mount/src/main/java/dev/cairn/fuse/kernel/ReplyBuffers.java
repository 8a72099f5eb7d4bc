package dev.cairn.fuse.kernel;

import java.util.function.Consumer;

/** The pool of buffers for replies of any length: a shelf for each of three sizes. */
final class ReplyBuffers {

  static final int LONGEST = 1 << 20;

  private final ReplyShelf[] shelves = {
    new ReplyShelf(8 << 10, 256), new ReplyShelf(128 << 10, 64), new ReplyShelf(LONGEST, 20)
  };

  /** Hands a buffer with room for so many bytes to the user: at once, or when one comes back. */
  void whenFree(int bodyLength, Consumer<ReplyBuffer> user) {
    for (ReplyShelf shelf : shelves) {
      if (bodyLength <= shelf.capacity()) {
        shelf.whenFree(user);
        return;
      }
    }
    throw new IllegalStateException("no reply has " + bodyLength + " bytes");
  }
}
