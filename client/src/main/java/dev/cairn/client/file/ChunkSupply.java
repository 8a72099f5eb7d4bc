package dev.cairn.client.file;

import dev.cairn.client.Failures;
import dev.cairn.client.Timer;
import dev.cairn.client.data.ChunkGrants;
import dev.cairn.client.data.ServerTable;
import dev.cairn.client.master.Master;
import dev.cairn.client.master.Registration;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.AllocateChunksReply;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.ExtensionGrant;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Hands out chunk grants. The first chunk of a file comes from a supply that all files share, so
 * that a small file costs no request of its own; a file that goes on has its own, in ranges that
 * hold some megabytes.
 */
final class ChunkSupply {

  private static final int SHARED_COUNT = 16;
  private static final long OWN_BYTES = 8 << 20;
  private static final int MOST_OWN_COUNT = 4096;

  private final Master master;
  private final ServerTable servers;
  private final ChunkGrants.Tools granting;
  private final Map<Integer, ChunkGrants> shared = new ConcurrentHashMap<>();

  ChunkSupply(Master master, ServerTable servers, Timer timer, Duration patience) {
    this.master = master;
    this.servers = servers;
    this.granting = new ChunkGrants.Tools(master, servers, timer, patience);
  }

  ChunkGrants shared(int replicas) {
    return shared.computeIfAbsent(
        replicas, r -> new ChunkGrants(granting, r, SHARED_COUNT, OWN_BYTES));
  }

  ChunkGrants own(int replicas, int chunkSize) {
    int count = (int) Math.max(1, Math.min(MOST_OWN_COUNT, OWN_BYTES / chunkSize));
    return new ChunkGrants(granting, replicas, count, (long) count * chunkSize);
  }

  /** The chunk the file ends with, if this session may extend it; null otherwise. */
  ExtensionGrant extension(long inode, int replicas) throws CairnException {
    AllocateChunksRequest.Builder request =
        AllocateChunksRequest.newBuilder().setExtendInode(inode).setReplicas(replicas);
    AllocateChunksReply reply = Failures.await(master.allocateChunks(request));
    if (!reply.hasExtension()) {
      return null;
    }
    servers.learn(reply.getExtension().getChainList());
    return reply.getExtension();
  }

  /** The session in force: chunks are granted to one. */
  CompletableFuture<Registration> session() {
    return master.session();
  }
}
