package dev.cairn.rpc.wire;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/** A blocking two-way stream of bytes. At most one thread reads and one writes at a time. */
public interface Connection extends Closeable {

  /** Reads what there is, at least one byte; -1 at the end of the stream. */
  int read(ByteBuffer into) throws IOException;

  /** Writes all remaining bytes of all buffers. */
  void write(ByteBuffer... from) throws IOException;

  /**
   * Closes the connection when that long has passed, unless the deadline is moved or cleared first;
   * a read or write under way then fails with a timed-out error.
   */
  void deadline(Duration fromNow);

  void clearDeadline();

  /** Who is at the other end, for messages: HOST:PORT. */
  String peer();

  @Override
  void close();
}
