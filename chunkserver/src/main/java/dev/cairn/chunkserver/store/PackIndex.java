package dev.cairn.chunkserver.store;

import dev.cairn.rpc.Check;
import java.util.Arrays;

/**
 * Chunk id to {@link PackLocation}, at 16 to 32 bytes of heap per chunk. Open addressing in
 * segments, each with its own lock: so many that growing one copies little, and that no table is so
 * large that the garbage collector gives it regions of its own.
 */
final class PackIndex {

  /** Takes an entry of the index. */
  interface Visitor {
    void visit(long chunkId, long location);
  }

  private static final int SEGMENTS = 1024;
  private static final int FIRST_CAPACITY = 16;

  private final Segment[] segments = new Segment[SEGMENTS];

  PackIndex() {
    for (int i = 0; i < SEGMENTS; i++) {
      segments[i] = new Segment();
    }
  }

  private Segment segment(long hash) {
    return segments[(int) (hash >>> 54)];
  }

  /** The location, or {@link PackLocation#NONE}. */
  long get(long chunkId) {
    long hash = hash(chunkId);
    return segment(hash).get(chunkId, hash);
  }

  /** Adds an entry unless there is one; false when there was. */
  boolean putIfAbsent(long chunkId, long location) {
    long hash = hash(chunkId);
    return segment(hash).replace(chunkId, hash, PackLocation.NONE, location);
  }

  /** Changes an entry from one location to another, either of which may be none. */
  boolean replace(long chunkId, long from, long to) {
    long hash = hash(chunkId);
    return segment(hash).replace(chunkId, hash, from, to);
  }

  /** Shows a copy of the entries, segment by segment; no lock is held while they are visited. */
  void forEach(Visitor visitor) {
    for (Segment segment : segments) {
      long[] copy = segment.copy();
      for (int i = 0; i < copy.length; i += 2) {
        if (copy[i] != 0 && copy[i + 1] != PackLocation.PENDING) {
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

  /** Spreads ids that follow each other (Stafford's variant 13 of the murmur finalizer). */
  private static long hash(long id) {
    long h = (id ^ (id >>> 30)) * 0xbf58476d1ce4e5b9L;
    h = (h ^ (h >>> 27)) * 0x94d049bb133111ebL;
    return h ^ (h >>> 31);
  }

  private static final class Segment {

    // Id and location in turn; id 0 marks a free place.
    private long[] table = new long[2 * FIRST_CAPACITY];
    private int size;

    synchronized int size() {
      return size;
    }

    synchronized long[] copy() {
      return Arrays.copyOf(table, table.length);
    }

    synchronized long get(long id, long hash) {
      return table[place(id, hash) + 1];
    }

    synchronized boolean replace(long id, long hash, long from, long to) {
      Check.that(id != 0, "chunk ids begin at 1");
      int place = place(id, hash);
      if (table[place + 1] != from) {
        return false;
      }
      if (to == PackLocation.NONE) {
        remove(place);
        return true;
      }
      if (from == PackLocation.NONE) {
        size++;
        if (8L * size > 3L * table.length) { // three quarters of the places
          grow();
          place = place(id, hash);
        }
      }
      table[place] = id;
      table[place + 1] = to;
      return true;
    }

    /** Where the id is, or the free place where it would be. */
    private int place(long id, long hash) {
      int mask = table.length - 2;
      int place = (int) (hash << 1) & mask;
      while (table[place] != id && table[place] != 0) {
        place = (place + 2) & mask;
      }
      return place;
    }

    private void grow() {
      long[] old = table;
      table = new long[2 * old.length];
      for (int i = 0; i < old.length; i += 2) {
        if (old[i] != 0) {
          int place = place(old[i], hash(old[i]));
          table[place] = old[i];
          table[place + 1] = old[i + 1];
        }
      }
    }

    /** Frees a place, and moves what probed past it so that it is still found. */
    private void remove(int freed) {
      if (table[freed] == 0) {
        return;
      }
      size--;
      int mask = table.length - 2;
      int hole = freed;
      int next = (hole + 2) & mask;
      while (table[next] != 0) {
        int home = (int) (hash(table[next]) << 1) & mask;
        if (((next - home) & mask) >= ((next - hole) & mask)) {
          table[hole] = table[next];
          table[hole + 1] = table[next + 1];
          hole = next;
        }
        next = (next + 2) & mask;
      }
      table[hole] = 0;
      table[hole + 1] = 0;
    }
  }
}
