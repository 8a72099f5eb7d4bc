package dev.cairn.master.compact;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.RelocateDecider;
import dev.cairn.master.log.Command;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.ReplicasWritten;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import java.util.ArrayList;
import java.util.List;

/** Has a file refer to a chunk that was put together; without extents, the chunk is garbage. */
final class Relocation implements Command<Long> {

  private final ReplicaMap replicas;
  private final Build build;
  private final List<ExtentRow> extents;
  private final List<Integer> servers;

  /**
   * Makes the command.
   *
   * @param servers that have the chunk
   */
  Relocation(ReplicaMap replicas, Build build, List<ExtentRow> extents, List<Integer> servers) {
    this.replicas = replicas;
    this.build = build;
    this.extents = extents;
    this.servers = servers;
  }

  @Override
  public Decision<Long> decide(MetadataView view, long now) throws CairnException {
    Plan plan = build.plan();
    Decision<Long> relocated =
        RelocateDecider.relocate(
            view, plan.inode(), plan.extentMap(), extents, build.chunk(), plan.replicas(), now);
    if (relocated.reply() == 0) {
      return relocated;
    }
    List<Record> records = new ArrayList<>(relocated.records());
    records.add(
        Record.newBuilder()
            .setReplicasWritten(
                ReplicasWritten.newBuilder().setChunk(build.chunk()).addAllServers(servers))
            .build());
    return new Decision<>(records, relocated.reply());
  }

  @Override
  public void granted(Long bytes) {
    if (bytes == 0) {
      servers.forEach(server -> replicas.reportedGarbage(build.chunk(), server));
    }
  }
}
