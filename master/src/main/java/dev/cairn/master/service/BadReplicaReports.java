package dev.cairn.master.service;

import dev.cairn.master.decide.ServerDecider;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.Writer;
import dev.cairn.master.record.proto.MarkedReplica;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.rpc.ShownText;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.BadReplica;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes reports of bad replicas, and logs each replica once. Servers are believed what they say of
 * their own; clients are not.
 */
public final class BadReplicaReports {

  private static final Logger log = LoggerFactory.getLogger(BadReplicaReports.class);

  private static final int MAX_SHOWN_CHARACTERS = 500;

  private final Writer writer;
  private final Fleet fleet;
  private final ReplicaMap map;

  public BadReplicaReports(Writer writer, Fleet fleet, ReplicaMap map) {
    this.writer = writer;
    this.fleet = fleet;
    this.map = map;
  }

  /** Has a replica's server check it, of which somebody else says that it is bad. */
  void suspect(int server, long chunk, String reason) {
    if (map.suspected(chunk, server, reason)) {
      log.warn(
          "a reader says that the replica of chunk {} on chunk server {} is bad, which is to check"
              + " it: {}",
          chunk,
          fleet.shown(server),
          ShownText.of(reason, MAX_SHOWN_CHARACTERS));
    }
  }

  void report(int server, long chunk, String reason, Runnable done) {
    report(
        server, List.of(BadReplica.newBuilder().setChunkId(chunk).setReason(reason).build()), done);
  }

  /** Marks the replicas; runs {@code done} when that is recorded. */
  void report(int server, List<BadReplica> replicas, Runnable done) {
    replicas.forEach(replica -> map.checked(replica.getChunkId(), server));
    writer.submit(
        (view, now) -> ServerDecider.mark(view, server, replicas, now),
        new Answer<List<MarkedReplica>>() {
          @Override
          public void granted(List<MarkedReplica> marked) {
            for (MarkedReplica replica : marked) {
              log.warn(
                  "bad replica of chunk {} on chunk server {}: {}",
                  replica.getChunk(),
                  fleet.shown(server),
                  replica.getReason());
            }
            done.run();
          }

          @Override
          public void refused(CairnException why) {
            done.run();
          }
        });
  }
}
