package dev.cairn.master.fleet;

import dev.cairn.master.state.MetadataView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Picks what a server shall delete or put into its quarantine. Each heartbeat looks at a bounded
 * part of the garbage, going on where the last one of the same server stopped and beginning again
 * at the end, so that garbage whose server is away costs the others little.
 */
public final class Garbage {

  /**
   * What a heartbeat's answer carries.
   *
   * @param strays chunks no file is known for, to be put into the quarantine: it may be the master
   *     that has forgotten
   * @param nowhere chunks that no server is known to hold
   */
  public record Picked(List<Long> toDelete, List<Long> strays, List<Long> nowhere) {}

  private static final int MOST_LOOKED_AT = 32_768;
  private static final int MOST_DELETED = 16_384;

  private final ChunkLocations locations;
  private final Duration hold;
  private final Map<Integer, Long> nextByServer = new ConcurrentHashMap<>();

  public Garbage(ChunkLocations locations, Duration hold) {
    this.locations = locations;
    this.hold = hold;
  }

  /** Chunks that the server holds and may delete, and such that no server is known to hold. */
  public Picked pick(MetadataView view, int server, long now) {
    List<Long> toDelete = new ArrayList<>();
    List<Long> strays = new ArrayList<>();
    List<Long> nowhere = new ArrayList<>();
    long[] next = {0};
    int[] looked = {0};
    view.garbageFrom(
        nextByServer.getOrDefault(server, 0L),
        (chunk, since, stray) -> {
          int picked = toDelete.size() + strays.size();
          boolean enough = looked[0]++ == MOST_LOOKED_AT || picked == MOST_DELETED;
          if (enough) {
            next[0] = chunk;
            return false;
          }
          if (now - since >= hold.toNanos()) {
            if (locations.holds(chunk, server)) {
              (stray ? strays : toDelete).add(chunk);
            } else if (locations.servers(chunk).length == 0) {
              nowhere.add(chunk);
            }
          }
          return true;
        });
    nextByServer.put(server, next[0]);
    return new Picked(toDelete, strays, nowhere);
  }
}
