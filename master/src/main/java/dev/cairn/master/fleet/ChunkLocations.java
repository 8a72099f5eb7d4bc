package dev.cairn.master.fleet;

import dev.cairn.rpc.LongTable;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which servers hold which chunks, at 21 to 32 bytes of heap for each. The chunks are spread over
 * parts by their ids' hashes, each part a table with a lock of its own: so many that growing takes
 * little room at a time, and that one can be cleared or looked through while the others are used.
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

  /** Parts that {@link #survey} shows one at a time. */
  public static final int PARTS = 1024;

  private static final int PART_SHIFT = Long.SIZE - Integer.numberOfTrailingZeros(PARTS);

  private final LocationSegment[] segments = new LocationSegment[PARTS];
  private final AtomicLong losses = new AtomicLong();

  public ChunkLocations() {
    for (int part = 0; part < PARTS; part++) {
      segments[part] = new LocationSegment(losses);
    }
  }

  private LocationSegment segment(long chunk) {
    return segments[(int) (LongTable.hash(chunk) >>> PART_SHIFT)];
  }

  /** A replica is there. */
  public void add(long chunk, int server) {
    segment(chunk).add(chunk, server);
  }

  /** The chunk is not garbage, and should have so many replicas. */
  public void expect(long chunk, int replicas) {
    segment(chunk).expect(chunk, replicas);
  }

  /** The chunk is garbage, wherever it is or will be said to be. */
  public void discard(long chunk) {
    segment(chunk).discard(chunk);
  }

  /** The chunk is no more. */
  public void drop(long chunk) {
    segment(chunk).drop(chunk);
  }

  /** A replica is gone; answers whether it was the last known one of a chunk that is garbage. */
  public boolean remove(long chunk, int server) {
    return segment(chunk).remove(chunk, server);
  }

  /** Forgets all replicas of a server. */
  public void clear(int server) {
    for (LocationSegment segment : segments) {
      segment.clear(server);
    }
    losses.incrementAndGet();
  }

  /** Grows when replicas are taken away. */
  public long losses() {
    return losses.get();
  }

  /** All servers said to hold the chunk, living or not. */
  public int[] servers(long chunk) {
    return segment(chunk).servers(chunk);
  }

  /** Whether the server is said to hold the chunk. */
  public boolean holds(long chunk, int server) {
    return segment(chunk).holds(chunk, server);
  }

  /**
   * Counts the chunks that have replicas.
   *
   * @param counted whether a good replica counts towards those wanted
   */
  public Tally tally(ReplicaTest good, ReplicaTest counted) {
    long[] with = new long[2];
    for (int part = 0; part < PARTS; part++) {
      survey(
          part,
          (chunk, server) ->
              !good.isGood(chunk, server) ? 0 : counted.isGood(chunk, server) ? STAYING : LEAVING,
          (chunk, wanted, all, leaving) -> {
            with[0] += all > 0 ? 1 : 0;
            with[1] += all > 0 && all - leaving < wanted ? 1 : 0;
          });
    }
    return new Tally(with[0], with[1]);
  }

  /**
   * Shows the chunks of one part, which is locked meanwhile. A chunk stays in its part, so that who
   * looks through all of them sees it once, whatever comes and goes.
   *
   * @param part from 0 and less than {@link #PARTS}
   */
  public void survey(int part, ReplicaCount count, Survey survey) {
    segments[part].survey(count, survey);
  }

  /** Chunks that are known, garbage included. */
  public long size() {
    long size = 0;
    for (LocationSegment segment : segments) {
      size += segment.size();
    }
    return size;
  }

  /** The memory that is taken, but for replicas kept aside. */
  public long bytes() {
    long bytes = 0;
    for (LocationSegment segment : segments) {
      bytes += segment.bytes();
    }
    return bytes;
  }
}
