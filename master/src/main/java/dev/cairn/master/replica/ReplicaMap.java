package dev.cairn.master.replica;

import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.record.proto.Chunk;
import dev.cairn.master.record.proto.MarkedReplica;
import dev.cairn.master.record.proto.ReplicaName;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.proto.ChunkLocation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * All that is known of replicas, told by events and asked by questions. The package's page has the
 * states and the threads.
 */
public final class ReplicaMap {

  /** Parts that {@link #survey} shows one at a time. */
  public static final int PARTS = ChunkLocations.PARTS;

  /** Replicas that a server checks again when it comes: what was bad may be well by now. */
  private static final int MOST_CHECKED_ANEW = 200;

  /** How the chunks that are not garbage stand. */
  public record Tally(long withReplica, long withFewerThanWanted) {}

  /** Bad replicas that are no longer in use, since the master started. */
  public record PutAside(long count, List<MarkedReplica> latest) {}

  /**
   * What is to be recorded now that replicas of a server are lost.
   *
   * @param lastOfGarbage garbage chunks that no server is known to hold any more
   * @param marked chunks whose replica there is marked as bad
   */
  public record Aftermath(List<Long> lastOfGarbage, List<Long> marked) {}

  /** Is shown how a chunk that is not garbage stands. */
  public interface Survey {
    /**
     * Takes one chunk.
     *
     * @param wanted how many replicas there should be; 0 when that is not known
     * @param good replicas that count, leaving ones included
     */
    void chunk(long chunk, int wanted, int good, int leaving);
  }

  private final Fleet fleet;
  private final Time time;
  private final ChunkLocations locations = new ChunkLocations();
  private final StaleReplicas stale = new StaleReplicas();
  private final LostReplicas lost;
  private final SuspectReplicas suspects = new SuspectReplicas();
  private final BadReplicas bad;
  private final GoingReplicas going = new GoingReplicas();

  /**
   * Makes one that knows of no replica but the bad ones that the tables name.
   *
   * @param sessionTimeToLive how long a session lives without its client, which may commit
   *     meanwhile
   */
  public ReplicaMap(MetadataView view, Fleet fleet, Time time, Duration sessionTimeToLive) {
    this.fleet = fleet;
    this.time = time;
    this.lost = new LostReplicas(sessionTimeToLive, time.ticks());
    this.bad = new BadReplicas(view);
  }

  // Events in the order of the records.

  /** A chunk was created or changed. */
  public void written(Chunk chunk) {
    if (chunk.getCreated()) {
      locations.expect(chunk.getId(), chunk.getReplicas());
    }
  }

  /** The chunk became garbage. */
  public void discarded(long chunk) {
    synchronized (locations.lock(chunk)) {
      stale.take(chunk).forEach(server -> locations.add(chunk, server));
      locations.discard(chunk);
    }
  }

  /** The chunk, which was garbage, is no more. */
  public void deleted(long chunk) {
    locations.drop(chunk);
  }

  /** The replica is bad. */
  public void marked(MarkedReplica replica) {
    bad.marked(replica);
  }

  /** The replica is bad no longer. */
  public void unmarked(ReplicaName replica) {
    bad.forgotten(replica);
  }

  /** The server registered: it says anew what it holds, and has nothing left to give up. */
  public void serverRegistered(int server) {
    clear(server);
    bad.on(server, MOST_CHECKED_ANEW).forEach(chunk -> suspects.add(chunk, server, "", time.now()));
  }

  /** There is no such server any more. */
  public void serverForgotten(int server) {
    clear(server);
  }

  private void clear(int server) {
    locations.clear(server);
    stale.clear(server);
    going.clear(server);
    suspects.clear(server);
  }

  /**
   * The server says that it holds all of a chunk, since it has it or has copied it.
   *
   * @param wanted how many replicas there should be
   */
  public void reported(long chunk, int server, int wanted) {
    synchronized (locations.lock(chunk)) {
      lost.isThere(chunk, server);
      stale.remove(chunk, server);
      locations.expect(chunk, wanted);
      locations.add(chunk, server);
    }
  }

  /** The server says that it holds a part of a chunk; a commit may know better. */
  public void reportedShort(long chunk, int server) {
    synchronized (locations.lock(chunk)) {
      if (!locations.holds(chunk, server)) {
        stale.add(chunk, server);
      }
    }
  }

  /** The server says that it holds some of a chunk that is garbage. */
  public void reportedGarbage(long chunk, int server) {
    synchronized (locations.lock(chunk)) {
      stale.remove(chunk, server);
      locations.add(chunk, server);
      locations.discard(chunk);
    }
  }

  /**
   * A chunk, as far as it is committed now, is on the servers that acknowledged it, unless they
   * have said since that it is gone.
   *
   * @param grown whether servers that did not acknowledge it have less of it than that
   */
  public void committed(long chunk, Collection<Integer> servers, boolean grown) {
    List<Integer> known = servers.stream().filter(fleet::knows).toList();
    synchronized (locations.lock(chunk)) {
      for (int server : known) {
        if (!lost.contains(chunk, server, time.ticks())) {
          stale.remove(chunk, server);
          locations.add(chunk, server);
        }
      }
      if (grown) {
        outgrown(chunk, servers);
      }
    }
  }

  private void outgrown(long chunk, Collection<Integer> acknowledging) {
    for (int server : locations.servers(chunk)) {
      if (!acknowledging.contains(server)) {
        locations.remove(chunk, server);
        if (fleet.lives(server)) {
          stale.add(chunk, server);
        }
      }
    }
  }

  // Events on any thread.

  /**
   * The server says that it does not hold these, and by which of the master's answers it goes: it
   * gives up nothing any more that this answer did not name, and what it gave up before is among
   * what is lost.
   */
  public Aftermath lost(int server, Collection<Long> chunks, long settledAnswer) {
    List<Long> lastOfGarbage = new ArrayList<>();
    List<Long> marked = new ArrayList<>();
    for (long chunk : chunks) {
      synchronized (locations.lock(chunk)) {
        lost.told(chunk, server, time.ticks());
        suspects.remove(chunk, server);
        stale.remove(chunk, server);
        going.gone(chunk, server);
        if (locations.remove(chunk, server)) {
          lastOfGarbage.add(chunk);
        }
      }
      if (bad.contains(chunk, server)) {
        marked.add(chunk);
      }
    }
    going.settled(server, settledAnswer);
    return new Aftermath(lastOfGarbage, marked);
  }

  /**
   * Somebody other than its server says that the replica is bad; false when that is no news, or
   * there is no room to note it.
   */
  public boolean suspected(long chunk, int server, String reason) {
    if (suspects.isFull()) {
      suspects.retain(fleet::lives);
    }
    return suspects.add(chunk, server, reason, time.now());
  }

  /** It is known whether the replica is bad; false when it was not under suspicion. */
  public boolean checked(long chunk, int server) {
    return suspects.remove(chunk, server);
  }

  /**
   * The next answer to the server tells it to give up these replicas and no others, since others
   * stand in for them; returns the answer's number.
   */
  public long told(int server, Collection<Long> chunks) {
    return going.told(server, chunks);
  }

  // Questions about one chunk.

  /**
   * The replicas on living servers, in the order they are to be tried: suspect ones last, and a bad
   * one only when there is no other.
   */
  public ChunkLocation location(long chunk) {
    ChunkLocation.Builder location = ChunkLocation.newBuilder().setChunkId(chunk);
    int[] servers = locations.servers(chunk);
    for (boolean suspect : new boolean[] {false, true}) {
      for (int server : servers) {
        if (isGood(chunk, server) && suspects.contains(chunk, server) == suspect) {
          location.addServerIds(server);
        }
      }
    }
    if (location.getServerIdsCount() == 0) {
      for (int server : servers) {
        if (fleet.lives(server)) {
          location.addServerIds(server);
        }
      }
    }
    return location
        .setLost(location.getServerIdsCount() == 0 && fleet.allLiveAndReported())
        .build();
  }

  /** The servers with whole replicas, living or not. */
  public int[] holders(long chunk) {
    return locations.servers(chunk);
  }

  /** Whether the server is said to hold all of the chunk. */
  public boolean holds(long chunk, int server) {
    return locations.holds(chunk, server);
  }

  /** The servers with good replicas. */
  public List<Integer> good(long chunk) {
    return Arrays.stream(locations.servers(chunk))
        .filter(server -> isGood(chunk, server))
        .boxed()
        .toList();
  }

  // Questions about one replica.

  /** Whether the server lives and its replica is not known to be bad. */
  public boolean isGood(long chunk, int server) {
    return fleet.lives(server) && !bad.contains(chunk, server);
  }

  /** Whether the replica is good, and its server is not about to give it up. */
  public boolean counts(long chunk, int server) {
    return isGood(chunk, server) && !going.contains(chunk, server);
  }

  /** How much the replica counts for. */
  public Standing standing(long chunk, int server) {
    if (!counts(chunk, server)) {
      return Standing.NONE;
    }
    return fleet.isDraining(server) ? Standing.LEAVING : Standing.STAYING;
  }

  /** Whether the replica is marked as bad. */
  public boolean isBad(long chunk, int server) {
    return bad.contains(chunk, server);
  }

  /** Whether the replica may go at any moment. */
  public boolean isGoing(long chunk, int server) {
    return going.contains(chunk, server);
  }

  // Questions about one server.

  /** Chunks with bad or stale replicas on the server. */
  public List<Long> unfitOn(int server, int most) {
    List<Long> chunks = new ArrayList<>(bad.on(server, most));
    for (long chunk : stale.on(server)) {
      if (chunks.size() < most) {
        chunks.add(chunk);
      }
    }
    return chunks;
  }

  /** Some of the chunks whose replicas the server is to check. */
  public List<Long> suspectsOn(int server, int most) {
    return suspects.on(server, most);
  }

  // Questions about all of them.

  /** The replicas marked as bad, or as many as asked for. */
  public List<MarkedReplica> bad(int most) {
    return bad.list(most);
  }

  /** The replicas under suspicion, with who said what. */
  public List<MarkedReplica> suspects() {
    return suspects.list();
  }

  /** The replicas that were bad and are no longer in use, the latest first. */
  public PutAside putAside() {
    return bad.putAside();
  }

  /** Counts the chunks that have good replicas. */
  public Tally tally() {
    return locations.tally(this::isGood, this::counts);
  }

  /**
   * Shows the chunks of one part, which is locked meanwhile. A chunk stays in its part, so that who
   * looks through all of them sees it once, whatever comes and goes.
   *
   * @param part from 0 and less than {@link #PARTS}
   */
  public void survey(int part, Survey survey) {
    locations.survey(part, this::standing, survey);
  }

  /** Grows when replicas are taken away or marked as bad. */
  public long changes() {
    return locations.losses() + bad.changes();
  }

  /** Chunks that are known, garbage included. */
  public long chunks() {
    return locations.size();
  }

  /** The memory that the chunks take. */
  public long bytes() {
    return locations.bytes();
  }
}
