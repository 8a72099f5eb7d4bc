package dev.cairn.master.service;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.GarbageDecider;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.Command;
import dev.cairn.master.log.Writer;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.session.LiveSession;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ChunkReplica;
import dev.cairn.rpc.proto.ChunkReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns reported replicas into locations. A replica shorter than its chunk is none. A chunk that is
 * not known, and that no session may still commit, becomes garbage.
 */
public final class ChunkReports {

  private static final int MOST_PER_COMMAND = 256;

  private final MetadataView latest;
  private final ReplicaMap replicas;
  private final LiveSessions sessions;
  private final Fleet fleet;
  private final Writer writer;
  private final Time time;

  public ChunkReports(
      MetadataView latest,
      ReplicaMap replicas,
      LiveSessions sessions,
      Fleet fleet,
      Writer writer,
      Time time) {
    this.latest = latest;
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
        new Sighting(page.getServerId(), page.getChunksList().subList(from, to), true),
        new Answer<Seen>() {
          @Override
          public void granted(Seen seen) {
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
      writer.submit(new Strays(server, chunks), Answer.ignored());
    }
  }

  /**
   * Counts replicas that were made by copying.
   *
   * @param done runs after that
   */
  void confirm(int server, List<ChunkReplica> copied, Runnable done) {
    writer.submit(new Sighting(server, copied, false), Answer.of(done));
  }

  /**
   * What replicas of a server are.
   *
   * @param whole with the rows of their chunks
   */
  private record Seen(Map<Long, ChunkRow> whole, List<Long> tooShort, List<Long> garbage) {}

  /**
   * Compares replicas with their chunks, on the writer's thread: no commit, and no end of a chunk,
   * can come between looking at the chunk and counting the replica.
   */
  private final class Sighting implements Command<Seen> {

    private final int server;
    private final List<ChunkReplica> reported;
    private final boolean strays;

    /** Chunks without a row are garbage too if {@code strays}, unless one may still get them. */
    Sighting(int server, List<ChunkReplica> reported, boolean strays) {
      this.server = server;
      this.reported = reported;
      this.strays = strays;
    }

    @Override
    public Decision<Seen> decide(MetadataView view, long now) {
      Seen seen = new Seen(new LinkedHashMap<>(), new ArrayList<>(), new ArrayList<>());
      List<Long> unknown = new ArrayList<>();
      for (ChunkReplica replica : reported) {
        long id = replica.getChunkId();
        ChunkRow chunk = view.chunk(id);
        if (chunk == null) {
          (view.garbageSince(id) == null ? unknown : seen.garbage()).add(id);
        } else if (Long.compareUnsigned(replica.getLength(), chunk.length()) >= 0) {
          seen.whole().put(id, chunk);
        } else {
          seen.tooShort().add(id);
        }
      }
      unknown.removeIf(id -> id == 0 || !strays || mayBeCommitted(view, id));
      Decision<List<Long>> discarded = GarbageDecider.strays(view, unknown, id -> false, now);
      seen.garbage().addAll(discarded.reply());
      return new Decision<>(discarded.records(), seen);
    }

    @Override
    public void granted(Seen seen) {
      seen.whole().forEach((id, chunk) -> replicas.reported(id, server, chunk.replicas()));
      seen.tooShort().forEach(id -> replicas.reportedShort(id, server));
      seen.garbage().forEach(id -> replicas.reportedGarbage(id, server));
    }
  }

  private boolean mayBeCommitted(MetadataView view, long chunk) {
    for (LiveSession session : sessions.all()) {
      if (view.grantOf(session.id(), chunk) != null) {
        return true;
      }
    }
    return false;
  }

  /** Decides which of the unknown chunks are strays. */
  private final class Strays implements Command<List<Long>> {

    private final int server;
    private final List<Long> unknown;

    Strays(int server, List<Long> unknown) {
      this.server = server;
      this.unknown = unknown;
    }

    @Override
    public Decision<List<Long>> decide(MetadataView view, long now) {
      return GarbageDecider.strays(view, unknown, chunk -> mayBeCommitted(view, chunk), now);
    }

    @Override
    public void granted(List<Long> strays) {
      for (long chunk : unknown) {
        if (chunk != 0 && latest.garbageSince(chunk) != null) {
          replicas.reportedGarbage(chunk, server);
        }
      }
    }
  }
}
