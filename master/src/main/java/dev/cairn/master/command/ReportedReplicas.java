package dev.cairn.master.command;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.GarbageDecider;
import dev.cairn.master.decide.GrantDecider;
import dev.cairn.master.log.Command;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.proto.ChunkReplica;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares replicas that a server reports with their chunks, and counts them. A replica shorter
 * than its chunk is none. No commit, and no end of a chunk, can come between looking at the chunk
 * and counting the replica: both happen in the order of the records.
 */
public final class ReportedReplicas implements Command<ReportedReplicas.Seen> {

  /**
   * What the replicas are.
   *
   * @param whole with the rows of their chunks
   */
  public record Seen(Map<Long, ChunkRow> whole, List<Long> tooShort, List<Long> garbage) {}

  private final ReplicaMap replicas;
  private final LiveSessions sessions;
  private final int server;
  private final List<ChunkReplica> reported;
  private final boolean strays;

  /**
   * Makes the command.
   *
   * @param strays whether chunks that are not known become garbage, unless a session may still
   *     commit them
   */
  public ReportedReplicas(
      ReplicaMap replicas,
      LiveSessions sessions,
      int server,
      List<ChunkReplica> reported,
      boolean strays) {
    this.replicas = replicas;
    this.sessions = sessions;
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
    unknown.removeIf(id -> id == 0 || !strays || sessions.mayCommit(view, id));
    Decision<List<Long>> discarded = GarbageDecider.strays(view, unknown, id -> false, now);
    seen.garbage().addAll(discarded.reply());
    List<Record> records = new ArrayList<>(discarded.records());
    records.addAll(GrantDecider.passOver(view, unknown));
    return new Decision<>(records, seen);
  }

  @Override
  public void granted(Seen seen) {
    seen.whole().forEach((id, chunk) -> replicas.reported(id, server, chunk.replicas()));
    seen.tooShort().forEach(id -> replicas.reportedShort(id, server));
    seen.garbage().forEach(id -> replicas.reportedGarbage(id, server));
  }
}
