package dev.cairn.master.compact;

import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.rpc.proto.BuildOrder;
import dev.cairn.rpc.proto.ChunkLocation;
import dev.cairn.rpc.proto.ChunkPart;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Says to servers what they are to put together, and where they find it. */
final class Orders {

  private final Fleet fleet;
  private final ReplicaMap replicas;

  Orders(Fleet fleet, ReplicaMap replicas) {
    this.fleet = fleet;
    this.replicas = replicas;
  }

  /** Whether a good replica is known of each chunk. */
  boolean canBeRead(Plan plan) {
    return chunks(plan).stream().noneMatch(chunk -> replicas.good(chunk).isEmpty());
  }

  private static Set<Long> chunks(Plan plan) {
    Set<Long> chunks = new LinkedHashSet<>();
    plan.extents().forEach(extent -> chunks.add(extent.chunk()));
    return chunks;
  }

  BuildOrder of(Build build, int target) {
    BuildOrder.Builder order = BuildOrder.newBuilder().setChunkId(build.chunk());
    for (ExtentRow extent : build.plan().extents()) {
      order.addParts(
          ChunkPart.newBuilder()
              .setChunkId(extent.chunk())
              .setOffset((int) extent.chunkOffset())
              .setLength((int) extent.length()));
    }
    Set<Integer> servers = new LinkedHashSet<>();
    for (long chunk : chunks(build.plan())) {
      List<Integer> good = new ArrayList<>(replicas.good(chunk));
      if (good.remove((Integer) target)) {
        good.add(0, target);
      }
      servers.addAll(good);
      order.addLocations(ChunkLocation.newBuilder().setChunkId(chunk).addAllServerIds(good));
    }
    return order.addAllServers(fleet.addresses(List.copyOf(servers))).build();
  }
}
