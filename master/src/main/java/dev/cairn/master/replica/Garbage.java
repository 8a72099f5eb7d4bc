package dev.cairn.master.replica;

import dev.cairn.master.log.BackgroundForce;
import dev.cairn.master.state.MetadataView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Picks what a server shall delete or put into its quarantine. Each heartbeat looks at a bounded
 * part of the garbage, going on where the last one of the same server stopped and beginning again
 * at the end, so that garbage whose server is away costs the others little.
 *
 * <p>What is found is handed out by a later heartbeat, when the log has been forced since: a power
 * cut of the master must not bring back a file whose chunks have been deleted.
 */
public final class Garbage {

  /**
   * What a heartbeat's answer carries.
   *
   * @param strays chunks no file is known for, to be put into the quarantine: it may be the master
   *     that has forgotten
   * @param nowhere chunks that no server is known to hold
   */
  public record Picked(List<Long> toDelete, List<Long> strays, List<Long> nowhere) {

    public static final Picked NOTHING = new Picked(List.of(), List.of(), List.of());
  }

  /** What was found, and the force that has to end before it is handed out. */
  private record Find(Picked chunks, long force) {}

  private static final int MOST_LOOKED_AT = 32_768;
  private static final int MOST_DELETED = 16_384;
  private static final Find NONE = new Find(Picked.NOTHING, 0);

  private final ReplicaMap replicas;
  private final Duration hold;
  private final LongSupplier neededFrom;
  private final BackgroundForce force;
  private final Map<Integer, Long> nextByServer = new ConcurrentHashMap<>();
  private final Map<Integer, Find> foundByServer = new ConcurrentHashMap<>();

  /**
   * Makes one that has found nothing.
   *
   * @param hold how long garbage is kept at least
   * @param neededFrom a time in nanoseconds since 1970: garbage since then is kept for longer
   */
  public Garbage(
      ReplicaMap replicas, Duration hold, LongSupplier neededFrom, BackgroundForce force) {
    this.replicas = replicas;
    this.hold = hold;
    this.neededFrom = neededFrom;
    this.force = force;
  }

  /**
   * Chunks that the server holds and may delete, and such that no server is known to hold. That
   * they are garbage is on the master's disk.
   */
  public Picked pick(MetadataView view, int server, long now) {
    Find found = foundByServer.getOrDefault(server, NONE);
    if (!force.hasEnded(found.force())) {
      return NONE.chunks();
    }
    Picked next = look(view, server, now);
    boolean empty =
        next.toDelete().isEmpty() && next.strays().isEmpty() && next.nowhere().isEmpty();
    // Asked for after the look, so that it covers what was seen.
    foundByServer.put(server, empty ? NONE : new Find(next, force.ask()));
    return new Picked(
        stillHeld(found.chunks().toDelete(), server),
        stillHeld(found.chunks().strays(), server),
        found.chunks().nowhere().stream().filter(this::isNowhere).toList());
  }

  private boolean isNowhere(long chunk) {
    return replicas.holders(chunk).length == 0;
  }

  private List<Long> stillHeld(List<Long> chunks, int server) {
    return chunks.stream().filter(chunk -> replicas.holds(chunk, server)).toList();
  }

  private Picked look(MetadataView view, int server, long now) {
    List<Long> toDelete = new ArrayList<>();
    List<Long> strays = new ArrayList<>();
    List<Long> nowhere = new ArrayList<>();
    long[] next = {0};
    int[] looked = {0};
    long needed = neededFrom.getAsLong();
    view.garbageFrom(
        nextByServer.getOrDefault(server, 0L),
        (chunk, since, stray) -> {
          int picked = toDelete.size() + strays.size();
          boolean enough = looked[0]++ == MOST_LOOKED_AT || picked == MOST_DELETED;
          if (enough) {
            next[0] = chunk;
            return false;
          }
          if (now - since >= hold.toNanos() && since < needed) {
            if (replicas.holds(chunk, server)) {
              (stray ? strays : toDelete).add(chunk);
            } else if (isNowhere(chunk)) {
              nowhere.add(chunk);
            }
          }
          return true;
        });
    nextByServer.put(server, next[0]);
    return new Picked(toDelete, strays, nowhere);
  }
}
