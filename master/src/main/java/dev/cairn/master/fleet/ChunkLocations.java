package dev.cairn.master.fleet;

import dev.cairn.rpc.Check;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Which servers hold which chunks: an open-addressing map from chunk id to up to four servers in
 * one long, so that a million chunks take some 30 MB. A fifth and further replica of a chunk is
 * kept aside.
 *
 * <p>A value, from its lowest bit: four server numbers of 14 bits (0: none), the replicas there
 * should be (5 bits, 0: not known), whether the chunk is garbage, whether there are more servers
 * aside.
 */
public final class ChunkLocations {

  /** How the chunks that are not garbage stand. */
  public record Tally(long withReplica, long withFewerThanWanted) {}

  /** Whether a replica may be read. */
  public interface ReplicaTest {
    boolean isGood(long chunk, int server);
  }

  /** How much a replica counts for. */
  public interface ReplicaCount {
    /** 0 for one that cannot be read, {@link #LEAVING} or {@link #STAYING}. */
    int of(long chunk, int server);
  }

  /** A good replica on a server that is to be emptied. */
  public static final int LEAVING = 1;

  /** A good replica where it should be. */
  public static final int STAYING = 2;

  /** Is shown how a chunk that is not garbage stands. */
  public interface Survey {
    /**
     * Takes one chunk.
     *
     * @param wanted how many replicas there should be; 0 when that is not known
     * @param good replicas that can be read, leaving ones included
     */
    void chunk(long chunk, int wanted, int good, int leaving);
  }

  private static final int[] NOWHERE = new int[0];
  private static final int SERVER_BITS = 14;
  private static final long SERVER_MASK = (1L << SERVER_BITS) - 1;
  private static final int INLINE_SERVERS = 4;
  private static final int WANTED_SHIFT = SERVER_BITS * INLINE_SERVERS;
  private static final long WANTED_MASK = 31L << WANTED_SHIFT;
  private static final long GARBAGE = 1L << 61;
  private static final long MORE = 1L << 62;
  private static final long SERVERS_MASK = (1L << WANTED_SHIFT) - 1;
  private static final int SMALLEST_TABLE = 1 << 10;
  private static final long HASH_MULTIPLIER = 0x9E3779B97F4A7C15L;

  private final Map<Long, int[]> aside = new HashMap<>();
  private long[] chunks = new long[SMALLEST_TABLE];
  private long[] values = new long[SMALLEST_TABLE];
  private int size;
  private volatile long losses;

  /** A replica is there. */
  public synchronized void add(long chunk, int server) {
    Check.that(server > 0 && server <= SERVER_MASK, "server number %d", server);
    int slot = slotToWrite(chunk);
    long value = values[slot];
    if (holds(chunk, value, server)) {
      return;
    }
    for (int i = 0; i < INLINE_SERVERS; i++) {
      if (serverAt(value, i) == 0) {
        values[slot] = value | ((long) server << (i * SERVER_BITS));
        return;
      }
    }
    aside.merge(chunk, new int[] {server}, ChunkLocations::joined);
    values[slot] = value | MORE;
  }

  private static int[] joined(int[] some, int[] more) {
    int[] all = Arrays.copyOf(some, some.length + more.length);
    System.arraycopy(more, 0, all, some.length, more.length);
    return all;
  }

  /** The chunk is not garbage, and should have so many replicas. */
  public synchronized void expect(long chunk, int replicas) {
    int slot = slotToWrite(chunk);
    values[slot] = (values[slot] & ~(WANTED_MASK | GARBAGE)) | ((long) replicas << WANTED_SHIFT);
  }

  /** The chunk is garbage, wherever it is or will be said to be. */
  public synchronized void discard(long chunk) {
    // Not in one expression: the table may be another one once there is a slot.
    int slot = slotToWrite(chunk);
    values[slot] |= GARBAGE;
  }

  /** The chunk is no more. */
  public synchronized void drop(long chunk) {
    int slot = find(chunk);
    if (chunks[slot] == chunk) {
      aside.remove(chunk);
      empty(slot);
    }
  }

  /** A replica is gone; answers whether it was the last known one of a chunk that is garbage. */
  public synchronized boolean remove(long chunk, int server) {
    int slot = find(chunk);
    if (chunks[slot] != chunk) {
      return false;
    }
    values[slot] = without(chunk, values[slot], server);
    lossSeen();
    boolean garbage = (values[slot] & GARBAGE) != 0;
    boolean nowhere = (values[slot] & (SERVERS_MASK | MORE)) == 0;
    if (nowhere) {
      empty(slot);
    }
    return nowhere && garbage;
  }

  /** Forgets all replicas of a server. */
  public synchronized void clear(int server) {
    for (int slot = 0; slot < chunks.length; slot++) {
      if (chunks[slot] != 0) {
        values[slot] = without(chunks[slot], values[slot], server);
      }
    }
    rehash(chunks.length, SERVERS_MASK | MORE);
    lossSeen();
  }

  private synchronized void lossSeen() {
    losses++;
  }

  /** Grows when replicas are taken away. */
  public long losses() {
    return losses;
  }

  private long without(long chunk, long value, int server) {
    long rest = value;
    for (int i = 0; i < INLINE_SERVERS; i++) {
      if (serverAt(value, i) == server) {
        rest &= ~(SERVER_MASK << (i * SERVER_BITS));
      }
    }
    if ((value & MORE) != 0) {
      int[] kept = Arrays.stream(aside.get(chunk)).filter(s -> s != server).toArray();
      if (kept.length == 0) {
        aside.remove(chunk);
        rest &= ~MORE;
      } else {
        aside.put(chunk, kept);
      }
    }
    return rest;
  }

  /** All servers said to hold the chunk, living or not. */
  public synchronized int[] servers(long chunk) {
    int slot = find(chunk);
    return chunks[slot] == chunk ? servers(chunk, values[slot]) : NOWHERE;
  }

  private int[] servers(long chunk, long value) {
    int[] servers = new int[INLINE_SERVERS];
    int count = 0;
    for (int i = 0; i < INLINE_SERVERS; i++) {
      int server = serverAt(value, i);
      if (server != 0) {
        servers[count++] = server;
      }
    }
    int[] inline = Arrays.copyOf(servers, count);
    return (value & MORE) == 0 ? inline : joined(inline, aside.get(chunk));
  }

  /** Whether the server is said to hold the chunk. */
  public synchronized boolean holds(long chunk, int server) {
    int slot = find(chunk);
    return chunks[slot] == chunk && holds(chunk, values[slot], server);
  }

  private boolean holds(long chunk, long value, int server) {
    for (int i = 0; i < INLINE_SERVERS; i++) {
      if (serverAt(value, i) == server) {
        return true;
      }
    }
    return (value & MORE) != 0 && Arrays.stream(aside.get(chunk)).anyMatch(s -> s == server);
  }

  /** Counts the chunks that have replicas. */
  public synchronized Tally tally(ReplicaTest test) {
    long withReplica = 0;
    long withFewer = 0;
    for (int slot = 0; slot < chunks.length; slot++) {
      long value = values[slot];
      if (chunks[slot] == 0 || (value & GARBAGE) != 0) {
        continue;
      }
      int good = countGood(chunks[slot], value, test);
      withReplica += good > 0 ? 1 : 0;
      withFewer += good > 0 && good < (value & WANTED_MASK) >>> WANTED_SHIFT ? 1 : 0;
    }
    return new Tally(withReplica, withFewer);
  }

  /**
   * Shows the chunks in a part of the table, so that others are not kept waiting for all of it; one
   * that moves meanwhile may be missed, or shown twice.
   *
   * @return where to go on; 0 after the last part
   */
  public synchronized int survey(int from, int slots, ReplicaCount count, Survey survey) {
    int to = Math.min(chunks.length, from + slots);
    for (int slot = from; slot < to; slot++) {
      long value = values[slot];
      if (chunks[slot] != 0 && (value & GARBAGE) == 0) {
        survey(chunks[slot], value, count, survey);
      }
    }
    return to >= chunks.length ? 0 : to;
  }

  private void survey(long chunk, long value, ReplicaCount count, Survey survey) {
    int staying = 0;
    int leaving = 0;
    for (int i = 0; i < INLINE_SERVERS; i++) {
      int server = serverAt(value, i);
      int counts = server == 0 ? 0 : count.of(chunk, server);
      staying += counts == STAYING ? 1 : 0;
      leaving += counts == LEAVING ? 1 : 0;
    }
    if ((value & MORE) != 0) {
      for (int server : aside.get(chunk)) {
        int counts = count.of(chunk, server);
        staying += counts == STAYING ? 1 : 0;
        leaving += counts == LEAVING ? 1 : 0;
      }
    }
    int wanted = (int) ((value & WANTED_MASK) >>> WANTED_SHIFT);
    survey.chunk(chunk, wanted, staying + leaving, leaving);
  }

  private int countGood(long chunk, long value, ReplicaTest test) {
    int good = 0;
    for (int i = 0; i < INLINE_SERVERS; i++) {
      int server = serverAt(value, i);
      good += server != 0 && test.isGood(chunk, server) ? 1 : 0;
    }
    if ((value & MORE) != 0) {
      for (int server : aside.get(chunk)) {
        good += test.isGood(chunk, server) ? 1 : 0;
      }
    }
    return good;
  }

  synchronized int size() {
    return size;
  }

  private static int serverAt(long value, int index) {
    return (int) ((value >>> (index * SERVER_BITS)) & SERVER_MASK);
  }

  /** Takes an entry out, and moves those back that gave way to it. */
  private void empty(int slot) {
    int hole = slot;
    int mask = chunks.length - 1;
    for (int next = (hole + 1) & mask; chunks[next] != 0; next = (next + 1) & mask) {
      int home = home(chunks[next]);
      // The entry may move back into the hole unless its home lies cyclically behind the hole.
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        chunks[hole] = chunks[next];
        values[hole] = values[next];
        hole = next;
      }
    }
    chunks[hole] = 0;
    values[hole] = 0;
    size--;
  }

  private int slotToWrite(long chunk) {
    Check.that(chunk != 0, "chunk 0 has no location");
    int slot = find(chunk);
    if (chunks[slot] == chunk) {
      return slot;
    }
    if (size >= chunks.length / 3 * 2) {
      rehash(2 * chunks.length, -1L);
      slot = find(chunk);
    }
    chunks[slot] = chunk;
    values[slot] = 0;
    size++;
    return slot;
  }

  /** The slot of the chunk, or the free one where it would go. */
  private int find(long chunk) {
    int mask = chunks.length - 1;
    int slot = home(chunk);
    while (chunks[slot] != 0 && chunks[slot] != chunk) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private int home(long chunk) {
    return (int)
        ((chunk * HASH_MULTIPLIER) >>> (64 - Integer.numberOfTrailingZeros(chunks.length)));
  }

  /** Lays the table out anew, with the entries that have any of the bits. */
  private void rehash(int length, long anyOf) {
    long[] oldChunks = chunks;
    long[] oldValues = values;
    chunks = new long[length];
    values = new long[length];
    size = 0;
    for (int old = 0; old < oldChunks.length; old++) {
      if (oldChunks[old] != 0 && (oldValues[old] & anyOf) != 0) {
        int slot = find(oldChunks[old]);
        chunks[slot] = oldChunks[old];
        values[slot] = oldValues[old];
        size++;
      }
    }
  }
}
