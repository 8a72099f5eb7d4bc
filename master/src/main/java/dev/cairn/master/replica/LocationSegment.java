package dev.cairn.master.replica;

import dev.cairn.master.replica.ChunkLocations.ReplicaCount;
import dev.cairn.rpc.Check;
import dev.cairn.rpc.LongTable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which servers hold some of the chunks: up to four servers of a chunk in one long. A fifth and
 * further replica is kept aside. Safe for any thread, by one lock.
 *
 * <p>A value, from its lowest bit: four server numbers of 14 bits (0: none), the replicas there
 * should be (5 bits, 0: not known), whether the chunk is garbage, whether there are more servers
 * aside.
 */
final class LocationSegment {

  private static final int[] NOWHERE = new int[0];
  private static final int SERVER_BITS = 14;
  private static final long SERVER_MASK = (1L << SERVER_BITS) - 1;
  private static final int INLINE_SERVERS = 4;
  private static final int WANTED_SHIFT = SERVER_BITS * INLINE_SERVERS;
  private static final long WANTED_MASK = 31L << WANTED_SHIFT;
  private static final long GARBAGE = 1L << 61;
  private static final long MORE = 1L << 62;
  private static final long SERVERS_MASK = (1L << WANTED_SHIFT) - 1;

  private final LongTable table = new LongTable();
  private final Map<Long, int[]> aside = new HashMap<>();
  private final AtomicLong losses;

  /**
   * @param losses counts when replicas are taken away
   */
  LocationSegment(AtomicLong losses) {
    this.losses = losses;
  }

  synchronized void add(long chunk, int server) {
    Check.that(server > 0 && server <= SERVER_MASK, "server number %d", server);
    int slot = table.findOrAdd(chunk);
    long value = table.value(slot);
    if (holds(chunk, value, server)) {
      return;
    }
    for (int i = 0; i < INLINE_SERVERS; i++) {
      if (serverAt(value, i) == 0) {
        table.value(slot, value | ((long) server << (i * SERVER_BITS)));
        return;
      }
    }
    aside.merge(chunk, new int[] {server}, LocationSegment::joined);
    table.value(slot, value | MORE);
  }

  private static int[] joined(int[] some, int[] more) {
    int[] all = Arrays.copyOf(some, some.length + more.length);
    System.arraycopy(more, 0, all, some.length, more.length);
    return all;
  }

  synchronized void expect(long chunk, int replicas) {
    int slot = table.findOrAdd(chunk);
    long others = table.value(slot) & ~(WANTED_MASK | GARBAGE);
    table.value(slot, others | ((long) replicas << WANTED_SHIFT));
  }

  synchronized void discard(long chunk) {
    int slot = table.findOrAdd(chunk);
    table.value(slot, table.value(slot) | GARBAGE);
  }

  synchronized void drop(long chunk) {
    int slot = table.find(chunk);
    if (slot != LongTable.NONE) {
      aside.remove(chunk);
      table.remove(slot);
    }
  }

  synchronized boolean remove(long chunk, int server) {
    int slot = table.find(chunk);
    if (slot == LongTable.NONE) {
      return false;
    }
    long rest = without(chunk, table.value(slot), server);
    table.value(slot, rest);
    losses.incrementAndGet();
    if (isSomewhere(rest)) {
      return false;
    }
    table.remove(slot);
    return (rest & GARBAGE) != 0;
  }

  /** Forgets all replicas of a server, and the chunks of which no other is left. */
  synchronized void clear(int server) {
    table.replaceAll(
        (chunk, value) -> {
          long rest = without(chunk, value, server);
          return isSomewhere(rest) ? rest : 0;
        });
  }

  private static boolean isSomewhere(long value) {
    return (value & (SERVERS_MASK | MORE)) != 0;
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

  synchronized int[] servers(long chunk) {
    int slot = table.find(chunk);
    return slot == LongTable.NONE ? NOWHERE : servers(chunk, table.value(slot));
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

  synchronized boolean holds(long chunk, int server) {
    int slot = table.find(chunk);
    return slot != LongTable.NONE && holds(chunk, table.value(slot), server);
  }

  private boolean holds(long chunk, long value, int server) {
    for (int i = 0; i < INLINE_SERVERS; i++) {
      if (serverAt(value, i) == server) {
        return true;
      }
    }
    return (value & MORE) != 0 && Arrays.stream(aside.get(chunk)).anyMatch(s -> s == server);
  }

  synchronized void survey(ReplicaCount count, ReplicaMap.Survey survey) {
    for (int slot = 0; slot < table.slots(); slot++) {
      long value = table.value(slot);
      if (table.key(slot) != 0 && (value & GARBAGE) == 0) {
        survey(table.key(slot), value, count, survey);
      }
    }
  }

  private void survey(long chunk, long value, ReplicaCount count, ReplicaMap.Survey survey) {
    int staying = 0;
    int leaving = 0;
    for (int i = 0; i < INLINE_SERVERS; i++) {
      int server = serverAt(value, i);
      Standing standing = server == 0 ? Standing.NONE : count.of(chunk, server);
      staying += standing == Standing.STAYING ? 1 : 0;
      leaving += standing == Standing.LEAVING ? 1 : 0;
    }
    if ((value & MORE) != 0) {
      for (int server : aside.get(chunk)) {
        Standing standing = count.of(chunk, server);
        staying += standing == Standing.STAYING ? 1 : 0;
        leaving += standing == Standing.LEAVING ? 1 : 0;
      }
    }
    int wanted = (int) ((value & WANTED_MASK) >>> WANTED_SHIFT);
    survey.chunk(chunk, wanted, staying + leaving, leaving);
  }

  synchronized int size() {
    return table.size();
  }

  synchronized long bytes() {
    return table.bytes();
  }

  private static int serverAt(long value, int index) {
    return (int) ((value >>> (index * SERVER_BITS)) & SERVER_MASK);
  }
}
