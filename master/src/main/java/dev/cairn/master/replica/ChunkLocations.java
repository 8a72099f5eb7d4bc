package dev.cairn.master.replica;

import dev.cairn.rpc.LongTable;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which servers hold which chunks, at 21 to 32 bytes of heap for each. The chunks are spread over
 * parts by their ids' hashes, each part a table with a lock of its own: so many that growing takes
 * little room at a time, and that one can be cleared or looked through while the others are used.
 */
final class ChunkLocations {

  /** How much a replica counts for. */
  interface ReplicaCount {
    Standing of(long chunk, int server);
  }

  /** Parts that {@link #survey} shows one at a time. */
  static final int PARTS = 1024;

  private static final int PART_SHIFT = Long.SIZE - Integer.numberOfTrailingZeros(PARTS);

  private final LocationSegment[] segments = new LocationSegment[PARTS];
  private final AtomicLong losses = new AtomicLong();

  ChunkLocations() {
    for (int part = 0; part < PARTS; part++) {
      segments[part] = new LocationSegment(losses);
    }
  }

  /**
   * What guards all that is known of the chunk: an event that changes more than one thing holds it.
   */
  Object lock(long chunk) {
    return segment(chunk);
  }

  private LocationSegment segment(long chunk) {
    return segments[(int) (LongTable.hash(chunk) >>> PART_SHIFT)];
  }

  /** A replica is there. */
  void add(long chunk, int server) {
    segment(chunk).add(chunk, server);
  }

  /** The chunk is not garbage, and should have so many replicas. */
  void expect(long chunk, int replicas) {
    segment(chunk).expect(chunk, replicas);
  }

  /** The chunk is garbage, wherever it is or will be said to be. */
  void discard(long chunk) {
    segment(chunk).discard(chunk);
  }

  /** The chunk is no more. */
  void drop(long chunk) {
    segment(chunk).drop(chunk);
  }

  /** A replica is gone; answers whether it was the last known one of a chunk that is garbage. */
  boolean remove(long chunk, int server) {
    return segment(chunk).remove(chunk, server);
  }

  /** Forgets all replicas of a server. */
  void clear(int server) {
    for (LocationSegment segment : segments) {
      segment.clear(server);
    }
    losses.incrementAndGet();
  }

  /** Grows when replicas are taken away. */
  long losses() {
    return losses.get();
  }

  /** All servers said to hold the chunk, living or not. */
  int[] servers(long chunk) {
    return segment(chunk).servers(chunk);
  }

  /** Whether the server is said to hold the chunk. */
  boolean holds(long chunk, int server) {
    return segment(chunk).holds(chunk, server);
  }

  /**
   * Counts the chunks that have replicas.
   *
   * @param counted whether a good replica counts towards those wanted
   */
  ReplicaMap.Tally tally(ReplicaProperty good, ReplicaProperty counted) {
    long[] with = new long[2];
    for (int part = 0; part < PARTS; part++) {
      survey(
          part,
          (chunk, server) ->
              !good.holds(chunk, server)
                  ? Standing.NONE
                  : counted.holds(chunk, server) ? Standing.STAYING : Standing.LEAVING,
          (chunk, wanted, all, leaving) -> {
            with[0] += all > 0 ? 1 : 0;
            with[1] += all > 0 && all - leaving < wanted ? 1 : 0;
          });
    }
    return new ReplicaMap.Tally(with[0], with[1]);
  }

  /**
   * Shows the chunks of one part, which is locked meanwhile. A chunk stays in its part, so that who
   * looks through all of them sees it once, whatever comes and goes.
   *
   * @param part from 0 and less than {@link #PARTS}
   */
  void survey(int part, ReplicaCount count, ReplicaMap.Survey survey) {
    segments[part].survey(count, survey);
  }

  /** Chunks that are known, garbage included. */
  long size() {
    long size = 0;
    for (LocationSegment segment : segments) {
      size += segment.size();
    }
    return size;
  }

  /** The memory that is taken, but for replicas kept aside. */
  long bytes() {
    long bytes = 0;
    for (LocationSegment segment : segments) {
      bytes += segment.bytes();
    }
    return bytes;
  }
}
