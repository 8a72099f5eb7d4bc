package dev.cairn.master.service;

import dev.cairn.master.command.ReportedReplicas;
import dev.cairn.master.command.UnknownChunks;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.Writer;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ChunkReplica;
import dev.cairn.rpc.proto.ChunkReport;
import java.util.List;

/**
 * Turns reported replicas into locations. A replica shorter than its chunk is none. A chunk that is
 * not known, and that no session may still commit, becomes garbage.
 */
public final class ChunkReports {

  private static final int MOST_PER_COMMAND = 256;

  private final ReplicaMap replicas;
  private final LiveSessions sessions;
  private final Fleet fleet;
  private final Writer writer;
  private final Time time;

  public ChunkReports(
      ReplicaMap replicas, LiveSessions sessions, Fleet fleet, Writer writer, Time time) {
    this.replicas = replicas;
    this.sessions = sessions;
    this.fleet = fleet;
    this.writer = writer;
    this.time = time;
  }

  /**
   * Takes a page, some of it with each command, so that requests come in between.
   *
   * @param answer is told on the writer's thread, or at once when the server has to register
   */
  void take(ChunkReport page, Answer<ChunkReport> answer) {
    int server = page.getServerId();
    if (fleet.replaced(server, page.getIncarnation()).isEmpty()
        && fleet.reports(server, time.ticks())) {
      take(page, 0, answer);
    } else {
      answer.refused(
          ErrorCode.UNREGISTERED.because("chunk server " + server + " is not registered"));
    }
  }

  private void take(ChunkReport page, int from, Answer<ChunkReport> answer) {
    int to = Math.min(page.getChunksCount(), from + MOST_PER_COMMAND);
    writer.submit(
        new ReportedReplicas(
            replicas, sessions, page.getServerId(), page.getChunksList().subList(from, to), true),
        new Answer<ReportedReplicas.Seen>() {
          @Override
          public void granted(ReportedReplicas.Seen seen) {
            if (to < page.getChunksCount()) {
              take(page, to, answer);
              return;
            }
            if (page.getLast()) {
              fleet.reported(page.getServerId());
            }
            answer.granted(page);
          }

          @Override
          public void refused(CairnException why) {
            answer.refused(why);
          }
        });
  }

  /** Takes replicas of chunks that no file has: unless one may still get them, they are garbage. */
  void unknown(int server, List<Long> chunks) {
    if (!chunks.isEmpty()) {
      writer.submit(new UnknownChunks(replicas, sessions, server, chunks), Answer.ignored());
    }
  }

  /**
   * Counts replicas that were made by copying.
   *
   * @param done runs after that
   */
  void confirm(int server, List<ChunkReplica> copied, Runnable done) {
    writer.submit(new ReportedReplicas(replicas, sessions, server, copied, false), Answer.of(done));
  }
}
