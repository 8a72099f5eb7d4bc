package dev.cairn.chunkserver.store;

import dev.cairn.rpc.Check;
import dev.cairn.rpc.LongTable;

/**
 * Chunk id to {@link PackLocation}, at 21 to 32 bytes of heap per chunk, in segments, each with its
 * own lock: so many that growing one copies little, and that no table is so large that the garbage
 * collector gives it regions of its own.
 */
final class PackIndex {

  /** Takes an entry of the index. */
  interface Visitor {
    void visit(long chunkId, long location);
  }

  private static final int SEGMENTS = 1024;

  private final Segment[] segments = new Segment[SEGMENTS];

  PackIndex() {
    for (int i = 0; i < SEGMENTS; i++) {
      segments[i] = new Segment();
    }
  }

  /** By the hash's upper bits: tables use the lower ones. */
  private Segment segment(long chunkId) {
    return segments[(int) (LongTable.hash(chunkId) >>> 54)];
  }

  /** The location, or {@link PackLocation#NONE}. */
  long get(long chunkId) {
    return segment(chunkId).get(chunkId);
  }

  /** Adds an entry unless there is one; false when there was. */
  boolean putIfAbsent(long chunkId, long location) {
    return segment(chunkId).replace(chunkId, PackLocation.NONE, location);
  }

  /** Changes an entry from one location to another, either of which may be none. */
  boolean replace(long chunkId, long from, long to) {
    return segment(chunkId).replace(chunkId, from, to);
  }

  /** Shows a copy of the entries, segment by segment; no lock is held while they are visited. */
  void forEach(Visitor visitor) {
    for (Segment segment : segments) {
      long[] copy = segment.copy();
      for (int i = 0; i < copy.length; i += 2) {
        if (copy[i + 1] != PackLocation.PENDING) {
          visitor.visit(copy[i], copy[i + 1]);
        }
      }
    }
  }

  long size() {
    long size = 0;
    for (Segment segment : segments) {
      size += segment.size();
    }
    return size;
  }

  /** Some of the entries, under one lock. */
  private static final class Segment {

    private final LongTable table = new LongTable();

    synchronized int size() {
      return table.size();
    }

    /** Ids and locations in turn. */
    synchronized long[] copy() {
      long[] copy = new long[2 * table.size()];
      int at = 0;
      for (int slot = 0; slot < table.slots(); slot++) {
        if (table.key(slot) != 0) {
          copy[at++] = table.key(slot);
          copy[at++] = table.value(slot);
        }
      }
      return copy;
    }

    synchronized long get(long id) {
      int slot = table.find(id);
      return slot == LongTable.NONE ? PackLocation.NONE : table.value(slot);
    }

    synchronized boolean replace(long id, long from, long to) {
      Check.that(id != 0, "chunk ids begin at 1");
      int slot = table.find(id);
      long now = slot == LongTable.NONE ? PackLocation.NONE : table.value(slot);
      if (now != from) {
        return false;
      }
      if (to != PackLocation.NONE) {
        table.value(table.findOrAdd(id), to);
      } else if (slot != LongTable.NONE) {
        table.remove(slot);
      }
      return true;
    }
  }
}
