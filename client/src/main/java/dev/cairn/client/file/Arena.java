package dev.cairn.client.file;

import dev.cairn.rpc.Check;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A buffer that collects writes one behind the other, to be sent as one run of chunk bytes whatever
 * their places in the file. Appended to under the file's lock while it is open; unchanged
 * afterwards. Writes that are appends have, in place of a file offset, a position in the stream of
 * what this client appends to the file; an arena holds either those or others.
 */
final class Arena {

  /** More writes than that would make a commit too large. */
  private static final int MOST_WRITES = 8192;

  /** Bytes of the file that stand at a position of the arena. */
  record Write(long fileOffset, int position, int length) {
    long end() {
      return fileOffset + length;
    }
  }

  private final ByteBuffer buffer;
  private final List<Write> writes = new ArrayList<>(1);
  private boolean appends;

  Arena(ByteBuffer buffer) {
    this.buffer = buffer;
  }

  /** Says, while it is empty, whether it will hold appends. */
  void holdAppends(boolean appended) {
    Check.that(writes.isEmpty() || appends == appended, "an arena of both kinds of writes");
    appends = appended;
  }

  /** Whether the writes are appends. */
  boolean holdsAppends() {
    return appends;
  }

  int room() {
    return buffer.remaining();
  }

  boolean isFull() {
    return !buffer.hasRemaining() || writes.size() >= MOST_WRITES;
  }

  /** Takes as many bytes as there is room for; answers where they stand. */
  Write append(long fileOffset, ByteBuffer from) {
    int length = Math.min(from.remaining(), buffer.remaining());
    int position = buffer.position();
    buffer.put(from.slice(from.position(), length));
    from.position(from.position() + length);
    Write last = writes.isEmpty() ? null : writes.get(writes.size() - 1);
    if (last != null && last.end() == fileOffset) {
      writes.set(
          writes.size() - 1, new Write(last.fileOffset(), last.position(), last.length() + length));
    } else {
      writes.add(new Write(fileOffset, position, length));
    }
    return new Write(fileOffset, position, length);
  }

  /** Replaces bytes that are still to be sent. */
  void overwrite(int position, ByteBuffer from) {
    buffer.put(position, from, from.position(), from.remaining());
    from.position(from.limit());
  }

  void copyTo(int position, ByteBuffer into) {
    into.put(buffer.slice(position, into.remaining()));
  }

  List<Write> writes() {
    return writes;
  }

  /** The bytes from one position to another. */
  ByteBuffer bytes(int from, int to) {
    return buffer.slice(from, to - from);
  }

  int length() {
    return buffer.position();
  }

  /** The memory, once nobody needs the arena any more. */
  ByteBuffer buffer() {
    return buffer;
  }
}
