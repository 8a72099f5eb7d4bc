package dev.cairn.client.data;

import dev.cairn.client.buffer.DirectMemory;
import dev.cairn.rpc.checksum.Blocks;
import dev.cairn.rpc.error.CairnException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;

/**
 * Verified blocks, the least recently used ones dropped first. Chunks only grow, so what was once
 * read of a block stays true: an entry never becomes wrong, at most too short.
 */
public final class BlockCache {

  private record Key(long chunkId, long block) {}

  private final int mostBlocks;
  private final LinkedHashMap<Key, ByteBuffer> blocks = new LinkedHashMap<>(64, 0.75f, true);
  private final Deque<ByteBuffer> spare = new ArrayDeque<>();
  private int allocated;
  private long hits;
  private long misses;

  public BlockCache(long bytes) {
    this.mostBlocks = Math.toIntExact(Math.max(1, bytes / Blocks.SIZE));
  }

  /**
   * Copies bytes of one block, those from the given offset in the chunk on, into all the remaining
   * space of the buffer; does nothing and answers false where they are not all here.
   */
  public synchronized boolean copy(long chunkId, long chunkOffset, ByteBuffer into) {
    ByteBuffer block = blocks.get(new Key(chunkId, chunkOffset / Blocks.SIZE));
    int from = (int) (chunkOffset % Blocks.SIZE);
    if (block == null || from + into.remaining() > block.limit()) {
      misses++;
      return false;
    }
    hits++;
    into.put(block.slice(from, into.remaining()));
    return true;
  }

  /** Reads that found their bytes here. */
  public synchronized long hits() {
    return hits;
  }

  /** Reads that did not. */
  public synchronized long misses() {
    return misses;
  }

  /** Bytes of memory that the blocks take. */
  public synchronized long bytes() {
    return (long) allocated * Blocks.SIZE;
  }

  synchronized boolean contains(long chunkId, long chunkOffset, int length) {
    ByteBuffer block = blocks.get(new Key(chunkId, chunkOffset / Blocks.SIZE));
    return block != null && chunkOffset % Blocks.SIZE + length <= block.limit();
  }

  /**
   * Returns a buffer to read a block into, to be given back by {@link #put} or {@link #discard}.
   *
   * @throws CairnException {@code NO_MEMORY}, with nothing in the cache that could be dropped
   */
  synchronized ByteBuffer blank() throws CairnException {
    ByteBuffer buffer = spare.poll();
    if (buffer == null && allocated >= mostBlocks) {
      buffer = dropOldest();
    }
    if (buffer == null) {
      buffer = allocate();
    }
    return buffer.clear();
  }

  private ByteBuffer allocate() throws CairnException {
    try {
      ByteBuffer buffer = DirectMemory.allocate(Blocks.SIZE);
      allocated++;
      return buffer;
    } catch (CairnException e) {
      ByteBuffer buffer = dropOldest();
      if (buffer == null) {
        throw e;
      }
      return buffer;
    }
  }

  private ByteBuffer dropOldest() {
    Iterator<ByteBuffer> oldest = blocks.values().iterator();
    ByteBuffer buffer = oldest.hasNext() ? oldest.next() : null;
    if (buffer != null) {
      oldest.remove();
    }
    return buffer;
  }

  /** Keeps a buffer for the next block, unless there are more than there should be. */
  private void reuse(ByteBuffer buffer) {
    if (allocated > mostBlocks) {
      allocated--;
    } else {
      spare.push(buffer);
    }
  }

  /** Keeps a block: its bytes are those from 0 to the buffer's limit. */
  synchronized void put(long chunkId, long block, ByteBuffer bytes) {
    ByteBuffer before = blocks.put(new Key(chunkId, block), bytes);
    if (before != null) {
      reuse(before);
    }
  }

  synchronized void discard(ByteBuffer bytes) {
    reuse(bytes);
  }
}
