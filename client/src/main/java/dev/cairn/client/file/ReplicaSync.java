package dev.cairn.client.file;

import dev.cairn.client.data.ForceRequest;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forces chunks to the disks of all servers that hold them, all servers at the same time. A server
 * that died meanwhile, or does not even answer whether it lives, loses its replica, which is what
 * replicas are for: it is no longer counted, and the sync fails only where a chunk is left with
 * none.
 */
final class ReplicaSync {

  private static final Logger LOG = LoggerFactory.getLogger(ReplicaSync.class);

  /** A server that has not answered for so long is asked whether it lives, again and again. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** A replica that is not durable and does not count. */
  record LostReplica(long chunkId, int serverId) {}

  private final FileTools tools;

  /** Servers that could not be asked, as distinct from those that answered. */
  private final Set<Integer> away = ConcurrentHashMap.newKeySet();

  ReplicaSync(FileTools tools) {
    this.tools = tools;
  }

  /**
   * Syncs the chunks on the servers given for each; answers which replicas were lost. Fails with
   * {@code UNREACHABLE} where a chunk has none left, but may have when servers come back.
   */
  CompletableFuture<List<LostReplica>> start(Map<Long, List<Integer>> chunks) {
    away.clear();
    Map<Integer, List<Long>> byServer = new TreeMap<>();
    chunks.forEach(
        (chunkId, serverIds) ->
            serverIds.forEach(
                serverId ->
                    byServer.computeIfAbsent(serverId, key -> new ArrayList<>()).add(chunkId)));
    List<CompletableFuture<List<LostReplica>>> syncs = new ArrayList<>();
    byServer.forEach(
        (serverId, chunkIds) ->
            syncs.add(
                CompletableFuture.supplyAsync(
                    () -> syncOn(serverId, chunkIds), tools.threads().syncing())));
    return CompletableFuture.allOf(syncs.toArray(new CompletableFuture<?>[0]))
        .thenCompose(
            done -> {
              List<LostReplica> lost = new ArrayList<>();
              syncs.forEach(sync -> lost.addAll(sync.join()));
              return judged(chunks, lost);
            });
  }

  private List<LostReplica> syncOn(int serverId, List<Long> chunkIds) {
    try {
      HostPort server = tools.servers().addressOf(serverId);
      ForceRequest request = tools.links().force(server, chunkIds);
      watch(server, request);
      request.run();
      return List.of();
    } catch (CairnException e) {
      if (e.code() == ErrorCode.NO_CHUNK) {
        return withoutThoseGone(serverId, chunkIds, e);
      }
      LOG.debug(
          "{} could not force {} chunks: {}",
          tools.servers().name(serverId),
          chunkIds.size(),
          e.getMessage());
      if (e.code().retry() == ErrorCode.Retry.YES) {
        away.add(serverId);
      }
      // Which says it, once for as long as it lasts.
      tools.servers().failed(serverId, e.getMessage());
      List<LostReplica> lost = new ArrayList<>();
      chunkIds.forEach(chunkId -> lost.add(lost(chunkId, serverId, e)));
      return lost;
    }
  }

  private void watch(HostPort server, ForceRequest request) {
    tools
        .timer()
        .after(
            LOOK,
            () -> {
              if (!request.isOver()) {
                tools.threads().looking().execute(() -> look(server, request));
              }
            });
  }

  private void look(HostPort server, ForceRequest request) {
    try {
      tools.links().force(server, List.of()).run();
      request.lives();
      watch(server, request);
    } catch (CairnException e) {
      LOG.debug("{} does not answer: {}", server, e.getMessage());
    }
  }

  /** Chunks are where they were said to be no longer, as after a repair: the server is well. */
  private List<LostReplica> withoutThoseGone(
      int serverId, List<Long> chunkIds, CairnException gone) {
    List<LostReplica> lost = new ArrayList<>();
    if (chunkIds.size() == 1) {
      lost.add(lost(chunkIds.get(0), serverId, gone));
    } else {
      chunkIds.forEach(chunkId -> lost.addAll(syncOn(serverId, List.of(chunkId))));
    }
    return lost;
  }

  private LostReplica lost(long chunkId, int serverId, CairnException why) {
    tools.master().reportBadReplica(chunkId, serverId, false, why.getMessage());
    return new LostReplica(chunkId, serverId);
  }

  private CompletableFuture<List<LostReplica>> judged(
      Map<Long, List<Integer>> chunks, List<LostReplica> lost) {
    Set<LostReplica> lostSet = new HashSet<>(lost);
    for (Map.Entry<Long, List<Integer>> chunk : chunks.entrySet()) {
      boolean none =
          chunk.getValue().stream()
              .allMatch(server -> lostSet.contains(new LostReplica(chunk.getKey(), server)));
      if (none) {
        boolean mayComeBack =
            chunk.getValue().isEmpty() || chunk.getValue().stream().anyMatch(away::contains);
        ErrorCode code = mayComeBack ? ErrorCode.UNREACHABLE : ErrorCode.IO;
        return CompletableFuture.failedFuture(
            code.because("chunk " + chunk.getKey() + " could not be forced to any server's disk"));
      }
    }
    return CompletableFuture.completedFuture(lost);
  }
}
