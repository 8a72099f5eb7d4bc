package dev.cairn.master.command;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.GarbageDecider;
import dev.cairn.master.log.Command;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.state.MetadataView;
import java.util.ArrayList;
import java.util.List;

/** Makes garbage of chunks on a server that no file has, unless one may still get them. */
public final class UnknownChunks implements Command<List<Long>> {

  private final ReplicaMap replicas;
  private final LiveSessions sessions;
  private final int server;
  private final List<Long> unknown;

  public UnknownChunks(ReplicaMap replicas, LiveSessions sessions, int server, List<Long> unknown) {
    this.replicas = replicas;
    this.sessions = sessions;
    this.server = server;
    this.unknown = unknown;
  }

  /** Returns those that are garbage, some of them since before. */
  @Override
  public Decision<List<Long>> decide(MetadataView view, long now) {
    List<Long> named = unknown.stream().filter(chunk -> chunk != 0).toList();
    Decision<List<Long>> strays =
        GarbageDecider.strays(view, named, chunk -> sessions.mayCommit(view, chunk), now);
    List<Long> garbage = new ArrayList<>(strays.reply());
    for (long chunk : named) {
      if (view.garbageSince(chunk) != null) {
        garbage.add(chunk);
      }
    }
    return new Decision<>(strays.records(), garbage);
  }

  @Override
  public void granted(List<Long> garbage) {
    garbage.forEach(chunk -> replicas.reportedGarbage(chunk, server));
  }
}
