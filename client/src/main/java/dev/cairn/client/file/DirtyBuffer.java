package dev.cairn.client.file;

import dev.cairn.client.buffer.BufferPool;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What was written to a file and not yet sent: one open arena, and full ones that wait their turn.
 * Arenas are numbered in the order they are queued. Needs the file's lock.
 */
final class DirtyBuffer {

  private final BufferPool pool;
  private final FileContent content;
  private final Deque<Arena> queue = new ArrayDeque<>();
  private Arena open;
  private boolean grown;
  private long queuedCount;

  DirtyBuffer(BufferPool pool, FileContent content) {
    this.pool = pool;
    this.content = content;
  }

  /**
   * Takes bytes as far as there is memory at once. Returns null when all are taken, otherwise the
   * memory to wait for, which may have failed: give it to {@link #use}, then go on. What is
   * appended at a time stays in one arena as long as it fits: so it is committed at a time, too.
   *
   * @param append the offset is a position in the stream of appends
   */
  CompletableFuture<ByteBuffer> take(long offset, ByteBuffer from, boolean append) {
    long at = offset;
    while (from.hasRemaining()) {
      if (open != null && open.length() > 0 && !mayHold(from.remaining(), append)) {
        queueOpen();
      }
      if (open == null) {
        boolean small = !grown && from.remaining() < BufferPool.SMALL_BYTES;
        CompletableFuture<ByteBuffer> memory =
            pool.take(small ? BufferPool.SMALL_BYTES : BufferPool.LARGE_BYTES);
        if (!memory.isDone() || memory.isCompletedExceptionally()) {
          return memory;
        }
        use(memory.join());
      }
      int before = from.remaining();
      put(at, from, append);
      at += before - from.remaining();
    }
    return null;
  }

  void use(ByteBuffer memory) {
    if (open != null) {
      pool.give(memory);
    } else {
      open = new Arena(memory);
    }
  }

  private boolean mayHold(int bytes, boolean append) {
    if (open.holdsAppends() != append) {
      return false;
    }
    boolean room = !append || bytes <= open.room();
    grown |= !room;
    return room;
  }

  private void put(long offset, ByteBuffer from, boolean append) {
    open.holdAppends(append);
    Source.Buffered place = append ? null : content.replaceable(offset, from.remaining(), open);
    if (place != null) {
      open.overwrite(place.position(), from);
      return;
    }
    content.wrote(open, open.append(offset, from));
    if (open.isFull()) {
      grown = true;
      queueOpen();
    }
  }

  /** Queues the open arena; answers the number of the last one queued so far. */
  long queueOpen() {
    if (open != null) {
      queue.add(open);
      queuedCount++;
      open = null;
    }
    return queuedCount;
  }

  /** The next arena to send, or null. */
  Arena poll() {
    return queue.poll();
  }

  boolean hasQueued() {
    return !queue.isEmpty();
  }

  boolean isEmpty() {
    return open == null && queue.isEmpty();
  }

  /** Empties everything; the arenas are the caller's to free. */
  List<Arena> drop() {
    queueOpen();
    List<Arena> dropped = new ArrayList<>(queue);
    queue.clear();
    return dropped;
  }
}
