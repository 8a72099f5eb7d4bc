package dev.cairn.master.fleet;

import dev.cairn.rpc.proto.ChunkLocation;
import java.util.Arrays;
import java.util.List;

/** Where a chunk may be read: what is known of locations, of living servers and of bad replicas. */
public final class Replicas {

  private final Fleet fleet;
  private final ChunkLocations locations;
  private final BadReplicas bad;
  private final GoingReplicas going;
  private final SuspectReplicas suspects;

  public Replicas(
      Fleet fleet,
      ChunkLocations locations,
      BadReplicas bad,
      GoingReplicas going,
      SuspectReplicas suspects) {
    this.suspects = suspects;
    this.fleet = fleet;
    this.locations = locations;
    this.bad = bad;
    this.going = going;
  }

  /**
   * The replicas on living servers, in the order they are to be tried: suspect ones last, and a bad
   * one only when there is no other.
   */
  public ChunkLocation of(long chunk) {
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

  /** The living servers that hold all of the chunk, none of it bad. */
  public List<Integer> good(long chunk) {
    return Arrays.stream(locations.servers(chunk))
        .filter(server -> isGood(chunk, server))
        .boxed()
        .toList();
  }

  /** Whether the server lives and its replica is not known to be bad. */
  public boolean isGood(long chunk, int server) {
    return fleet.lives(server) && !bad.contains(chunk, server);
  }

  /** Whether the replica is good, and its server is not about to give it up. */
  public boolean counts(long chunk, int server) {
    return isGood(chunk, server) && !going.contains(chunk, server);
  }

  public ChunkLocations.Tally tally() {
    return locations.tally(this::isGood, this::counts);
  }
}
