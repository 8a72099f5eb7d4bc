package dev.cairn.master.repair;

import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.proto.DrainStatus;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far the servers are that are to be emptied. A server is drained when every chunk it holds has
 * all the good replicas it should have elsewhere, and it has kept clients' bytes out for long
 * enough that what it had acknowledged before is committed, and was counted. For one thread at a
 * time.
 */
final class Drains {

  private static final Duration COMMITTED_WITHIN = Duration.ofSeconds(5);

  private static final DrainStatus NOT_LOOKED_AT =
      DrainStatus.newBuilder()
          .setUncounted(true)
          .setWaits("what it holds is being looked at")
          .build();

  private static final Logger log = LoggerFactory.getLogger(Drains.class);

  private final Fleet fleet;
  private final Map<Integer, Pace> paces = new HashMap<>();
  private Map<Integer, DrainStatus> found = Map.of();

  Drains(Fleet fleet) {
    this.fleet = fleet;
  }

  /** What keeps all of them waiting. */
  record Obstacles(boolean awaitsReports, long repairs, int places, long noRoom) {}

  /** A survey is done. */
  void surveyed(Leaving leaving, Obstacles obstacles, MetadataView lengths, long nowTicks) {
    Map<Integer, DrainStatus> all = new HashMap<>();
    for (int server : fleet.draining()) {
      long bytes = leaving.bytes(server, lengths);
      Pace pace = paces.computeIfAbsent(server, id -> new Pace());
      pace.left(bytes, nowTicks);
      long chunks = leaving.chunks(server);
      boolean closed = fleet.isClosed(server, COMMITTED_WITHIN, nowTicks);
      boolean moves = leaving.stuck(server) + leaving.unreadable(server) + obstacles.noRoom() == 0;
      all.put(
          server,
          DrainStatus.newBuilder()
              .setUncounted(obstacles.awaitsReports())
              .setChunksLeft(chunks)
              .setBytesLeft(bytes)
              .setMillisLeft(moves ? pace.millisLeft() : 0)
              .setWaits(waits(server, leaving, obstacles, closed))
              .setDone(chunks == 0 && closed && !obstacles.awaitsReports())
              .build());
    }
    paces.keySet().retainAll(all.keySet());
    all.forEach(this::logTheEnd);
    found = all;
  }

  private void logTheEnd(int server, DrainStatus status) {
    if (status.getDone() && !status(server).getDone()) {
      log.info(
          "chunk server {} at {} is drained: it may be stopped, and then forgotten",
          server,
          fleet.shown(server));
    }
  }

  private String waits(int server, Leaving leaving, Obstacles obstacles, boolean closed) {
    if (obstacles.awaitsReports()) {
      return "chunk servers have yet to say which chunks they hold";
    }
    long unreadable = leaving.unreadable(server);
    if (unreadable > 0) {
      return fleet.isDead(server)
          ? "it is dead, and " + unreadable + " chunks have no replica elsewhere: start it again"
          : unreadable + " chunks have no good replica anywhere: see 'cairn status'";
    }
    if (leaving.chunks(server) == 0) {
      return closed ? "" : "it is given the time to end what clients are writing to it";
    }
    long stuck = leaving.stuck(server);
    if (stuck > 0) {
      return obstacles.places() == 0
          ? "there is no other chunk server: start one"
          : stuck
              + " of them have a replica on each other chunk server there is for them ("
              + obstacles.places()
              + "): start more";
    }
    if (obstacles.noRoom() > 0) {
      return "no other chunk server has room for "
          + obstacles.noRoom()
          + " chunks of the cluster: add disks";
    }
    if (obstacles.repairs() > 0) {
      return obstacles.repairs()
          + " chunks of the cluster that have too few replicas are copied first";
    }
    return "";
  }

  /** How far a server is. */
  DrainStatus status(int server) {
    return found.getOrDefault(server, NOT_LOOKED_AT);
  }
}
