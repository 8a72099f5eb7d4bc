package dev.cairn.master.service;

import dev.cairn.master.decide.ServerDecider;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.Writer;
import dev.cairn.master.record.proto.MarkedReplica;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.BadReplica;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes reports of bad replicas from clients and servers, and logs each replica once. */
public final class BadReplicaReports {

  private static final Logger log = LoggerFactory.getLogger(BadReplicaReports.class);

  private final Writer writer;
  private final Fleet fleet;

  public BadReplicaReports(Writer writer, Fleet fleet) {
    this.writer = writer;
    this.fleet = fleet;
  }

  void report(int server, long chunk, String reason, Runnable done) {
    report(
        server, List.of(BadReplica.newBuilder().setChunkId(chunk).setReason(reason).build()), done);
  }

  /** Marks the replicas; runs {@code done} when that is recorded. */
  void report(int server, List<BadReplica> replicas, Runnable done) {
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
