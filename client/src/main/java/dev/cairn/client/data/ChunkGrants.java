package dev.cairn.client.data;

import dev.cairn.client.Failures;
import dev.cairn.client.master.Master;
import dev.cairn.client.master.Registration;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.AllocateChunksReply;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.ChunkGrant;
import dev.cairn.rpc.proto.ServerAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Chunk ids at hand, of one replication factor, asked of the master in ranges and ahead of need. A
 * range whose chain has a suspect server is thrown away: ids are not scarce.
 */
public final class ChunkGrants {

  private static final Duration PAUSE = Duration.ofMillis(250);

  /** A chunk to be written, and where. */
  public record FreshChunk(long chunkId, List<ServerAddress> chain) {}

  private final Master master;
  private final ServerTable servers;
  private final Duration patience;
  private final int replicas;
  private final int count;
  private final long expectedBytes;

  /** The session all below was granted to. */
  private CompletableFuture<Registration> session;

  private ChunkGrant current;
  private int used;
  private CompletableFuture<AllocateChunksReply> next;
  private CairnException failure;
  private long failedNanos;

  /**
   * Makes an empty supply.
   *
   * @param count ids to ask for at a time
   * @param expectedBytes about how much will be written to that many chunks
   * @param patience how long to go on asking while the master knows no server to write to
   */
  public ChunkGrants(
      Master master,
      ServerTable servers,
      Duration patience,
      int replicas,
      int count,
      long expectedBytes) {
    this.master = master;
    this.servers = servers;
    this.patience = patience;
    this.replicas = replicas;
    this.count = count;
    this.expectedBytes = expectedBytes;
  }

  /** The next chunk to write; waits for the master when none is at hand. */
  public FreshChunk take() throws CairnException {
    return take(System.nanoTime());
  }

  private synchronized FreshChunk take(long arrivedNanos) throws CairnException {
    failWithOthers(arrivedNanos);
    forgetThoseOfAnotherSession();
    if (current == null || used == current.getCount() || isSuspect(current)) {
      do {
        current = fetch();
        used = 0;
      } while (forgetThoseOfAnotherSession());
    }
    FreshChunk chunk = new FreshChunk(current.getFirstChunkId() + used, current.getChainList());
    used++;
    if (next == null && count > 1 && used >= current.getCount() - count / 4) {
      next = ask();
    }
    return chunk;
  }

  /**
   * Who has waited for others here for as long as one waits, until they got nothing, is not to wait
   * for the same again: many would wait one after the other.
   */
  private void failWithOthers(long arrivedNanos) throws CairnException {
    boolean waited = System.nanoTime() - arrivedNanos > patience.toNanos();
    if (waited && failure != null && failedNanos - arrivedNanos > 0) {
      throw failure;
    }
  }

  /** What is at hand is of no use when its session is gone; answers whether it was. */
  private boolean forgetThoseOfAnotherSession() {
    CompletableFuture<Registration> now = master.session();
    if (now == session) {
      return false;
    }
    session = now;
    current = null;
    next = null;
    return true;
  }

  private boolean isSuspect(ChunkGrant grant) {
    return grant.getChainList().stream()
        .anyMatch(server -> servers.isSuspect(server.getServerId()));
  }

  private ChunkGrant fetch() throws CairnException {
    long giveUpNanos = System.nanoTime() + patience.toNanos();
    while (true) {
      CompletableFuture<AllocateChunksReply> asked = next != null ? next : ask();
      boolean ahead = next != null;
      next = null;
      try {
        ChunkGrant grant = Failures.await(asked).getGrant();
        servers.learn(grant.getChainList());
        // Asked for ahead, it may have a server that failed since; asked for now, there is no
        // better.
        if (!ahead || !isSuspect(grant)) {
          return grant;
        }
      } catch (CairnException e) {
        boolean later = e.code().retry() == ErrorCode.Retry.LATER;
        if (!ahead && (!later || System.nanoTime() - giveUpNanos > 0)) {
          failure = e;
          failedNanos = System.nanoTime();
          throw e;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE.toMillis()));
      }
    }
  }

  private CompletableFuture<AllocateChunksReply> ask() {
    Set<Integer> suspects = servers.suspects();
    return master.allocateChunks(
        AllocateChunksRequest.newBuilder()
            .setReplicas(replicas)
            .setCount(count)
            .addAllAvoidServers(suspects)
            .setExpectedBytes(expectedBytes));
  }
}
