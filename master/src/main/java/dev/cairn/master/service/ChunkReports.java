package dev.cairn.master.service;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.GarbageDecider;
import dev.cairn.master.fleet.ChunkLocations;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.fleet.LostReplicas;
import dev.cairn.master.fleet.StaleReplicas;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.Command;
import dev.cairn.master.log.Writer;
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
import java.util.List;

/**
 * Turns reported replicas into locations. A replica shorter than its chunk is none. A chunk that is
 * not known, and that no session may still commit, becomes garbage.
 */
public final class ChunkReports {

  private final MetadataView latest;
  private final ChunkLocations locations;
  private final StaleReplicas stale;
  private final LostReplicas lost;
  private final LiveSessions sessions;
  private final Fleet fleet;
  private final Writer writer;
  private final Time time;

  public ChunkReports(
      MetadataView latest,
      ChunkLocations locations,
      StaleReplicas stale,
      LostReplicas lost,
      LiveSessions sessions,
      Fleet fleet,
      Writer writer,
      Time time) {
    this.latest = latest;
    this.locations = locations;
    this.stale = stale;
    this.lost = lost;
    this.sessions = sessions;
    this.fleet = fleet;
    this.writer = writer;
    this.time = time;
  }

  void take(ChunkReport page) throws CairnException {
    int server = page.getServerId();
    if (!fleet.reports(server, time.ticks())) {
      throw ErrorCode.UNREGISTERED.because("chunk server " + server + " is not registered");
    }
    List<Long> unknown = new ArrayList<>();
    for (ChunkReplica replica : page.getChunksList()) {
      if (!take(server, replica)) {
        unknown.add(replica.getChunkId());
      }
    }
    unknown(server, unknown);
    if (page.getLast()) {
      fleet.reported(server);
    }
  }

  /** Takes replicas of chunks that no file has: unless one may still get them, they are garbage. */
  void unknown(int server, List<Long> chunks) {
    if (!chunks.isEmpty()) {
      writer.submit(new Strays(server, chunks), Answer.ignored());
    }
  }

  private boolean take(int server, ChunkReplica replica) {
    long id = replica.getChunkId();
    ChunkRow chunk = latest.chunk(id);
    if (chunk == null) {
      boolean garbage = id != 0 && latest.garbageSince(id) != null;
      if (garbage) {
        addGarbage(id, server);
      }
      return garbage || id == 0;
    }
    if (Long.compareUnsigned(replica.getLength(), chunk.length()) >= 0) {
      lost.isThere(id, server);
      locations.expect(id, chunk.replicas());
      locations.add(id, server);
    } else {
      stale.add(id, server);
    }
    return true;
  }

  /**
   * Counts replicas that were made by copying, on the writer's thread: no commit can come between
   * looking at a chunk's length and counting a replica of that length.
   *
   * @param done runs after that
   */
  void confirm(int server, List<ChunkReplica> copied, Runnable done) {
    writer.submit(new Confirmation(server, copied), Answer.of(done));
  }

  /** Compares copied replicas with their chunks. */
  private final class Confirmation implements Command<Confirmed> {

    private final int server;
    private final List<ChunkReplica> copied;

    Confirmation(int server, List<ChunkReplica> copied) {
      this.server = server;
      this.copied = copied;
    }

    @Override
    public Decision<Confirmed> decide(MetadataView view, long now) {
      Confirmed confirmed = new Confirmed(new ArrayList<>(), new ArrayList<>());
      for (ChunkReplica replica : copied) {
        long id = replica.getChunkId();
        ChunkRow chunk = view.chunk(id);
        if (chunk != null && replica.getLength() >= chunk.length()) {
          confirmed.whole().add(id);
        } else if (chunk == null && view.garbageSince(id) != null) {
          confirmed.garbage().add(id);
        }
      }
      return Decision.replyOnly(confirmed);
    }

    @Override
    public void granted(Confirmed confirmed) {
      confirmed.whole().forEach(this::add);
      confirmed.garbage().forEach(chunk -> addGarbage(chunk, server));
    }

    private void add(long chunk) {
      lost.isThere(chunk, server);
      locations.add(chunk, server);
    }
  }

  /** Copied replicas that count, and such that came too late. */
  private record Confirmed(List<Long> whole, List<Long> garbage) {}

  private void addGarbage(long chunk, int server) {
    locations.add(chunk, server);
    locations.discard(chunk);
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

    private boolean mayBeCommitted(MetadataView view, long chunk) {
      for (LiveSession session : sessions.all()) {
        if (view.grantOf(session.id(), chunk) != null) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void granted(List<Long> strays) {
      for (long chunk : unknown) {
        if (chunk != 0 && latest.garbageSince(chunk) != null) {
          addGarbage(chunk, server);
        }
      }
    }
  }
}
