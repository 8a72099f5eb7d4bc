package dev.cairn.client.data;

import dev.cairn.client.Failures;
import dev.cairn.client.Timer;
import dev.cairn.client.master.Master;
import dev.cairn.client.master.Registration;
import dev.cairn.rpc.Retry;
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

/**
 * Chunk ids at hand, of one replication factor, asked of the master in ranges and ahead of need. A
 * range whose chain has a suspect server is thrown away: ids are not scarce.
 *
 * <p>All who find nothing at hand wait for one request, each on its own thread. The monitor is held
 * for memory work only.
 */
public final class ChunkGrants {

  private static final Retry.Pauses PAUSES =
      new Retry.Pauses(Duration.ofMillis(250), Duration.ofSeconds(1));

  /** A chunk to be written, and where. */
  public record FreshChunk(long chunkId, List<ServerAddress> chain) {}

  /** What a supply of grants works with, and how long it waits for servers to write to. */
  public record Tools(Master master, ServerTable servers, Timer timer, Duration patience) {}

  /** A request to the master, as distinct from every other one. */
  private static final class Asked {
    private final boolean ahead;
    private final CompletableFuture<ChunkGrant> grant;

    Asked(boolean ahead, CompletableFuture<ChunkGrant> grant) {
      this.ahead = ahead;
      this.grant = grant;
    }
  }

  private final Tools tools;
  private final int replicas;
  private final int count;
  private final long expectedBytes;

  /** The pauses between requests that fail. Guarded by this, as all below. */
  private final Retry pauses;

  /** The session all below was granted to. */
  private CompletableFuture<Registration> session;

  private ChunkGrant current;
  private int used;
  private Asked asked;

  /**
   * Makes an empty supply.
   *
   * @param count ids to ask for at a time
   * @param expectedBytes about how much will be written to that many chunks
   */
  public ChunkGrants(Tools tools, int replicas, int count, long expectedBytes) {
    this.tools = tools;
    this.replicas = replicas;
    this.count = count;
    this.expectedBytes = expectedBytes;
    this.pauses = new Retry(PAUSES, Retry.FOREVER);
  }

  /**
   * The next chunk to write. Where none is at hand this waits for the master, and while the master
   * knows no server to write to, as long as the patience lasts.
   */
  public FreshChunk take() throws CairnException {
    Retry waiting = new Retry(PAUSES, tools.patience());
    try {
      while (true) {
        Asked asking;
        synchronized (this) {
          forgetThoseOfAnotherSession();
          if (current != null && used < current.getCount() && !isSuspect(current)) {
            return next();
          }
          if (asked == null) {
            asked = ask(false);
          }
          asking = asked;
        }
        FreshChunk chunk = await(asking, waiting);
        if (chunk != null) {
          return chunk;
        }
      }
    } finally {
      tools.servers().goesOn(waiting);
    }
  }

  /** Waits for a request; answers null where it brought nothing to this caller. */
  private FreshChunk await(Asked asking, Retry waiting) throws CairnException {
    try {
      ChunkGrant grant = Failures.await(asking.grant);
      return arrived(asking, grant);
    } catch (CairnException e) {
      synchronized (this) {
        asked = asked == asking ? null : asked;
      }
      boolean later = e.code().retry() == ErrorCode.Retry.LATER;
      if (!asking.ahead && (!later || waiting.isOver())) {
        throw e;
      }
      tools.servers().awaited(waiting, e, waiting.waited(), tools.patience());
      return null;
    }
  }

  private synchronized FreshChunk arrived(Asked asking, ChunkGrant grant) {
    if (asked != asking) {
      // Another one who waited has taken it in.
      return null;
    }
    asked = null;
    if (forgetThoseOfAnotherSession()) {
      return null;
    }
    current = grant;
    used = 0;
    // Asked for ahead, it may have a server that failed since; asked for now, there is no better.
    return asking.ahead && isSuspect(grant) ? null : next();
  }

  /** Needs a chunk at hand, and the monitor. */
  private FreshChunk next() {
    FreshChunk chunk = new FreshChunk(current.getFirstChunkId() + used, current.getChainList());
    used++;
    if (asked == null && count > 1 && used >= current.getCount() - count / 4) {
      asked = ask(true);
    }
    return chunk;
  }

  /** What is at hand is of no use when its session is gone; answers whether it was. */
  private boolean forgetThoseOfAnotherSession() {
    CompletableFuture<Registration> now = tools.master().session();
    if (now == session) {
      return false;
    }
    session = now;
    current = null;
    asked = null;
    return true;
  }

  private boolean isSuspect(ChunkGrant grant) {
    return grant.getChainList().stream()
        .anyMatch(server -> tools.servers().isSuspect(server.getServerId()));
  }

  /** Asks the master; a failure that may pass comes after a pause, to all who wait for it. */
  private Asked ask(boolean ahead) {
    Set<Integer> suspects = tools.servers().suspects();
    CompletableFuture<ChunkGrant> grant = new CompletableFuture<>();
    CompletableFuture<AllocateChunksReply> reply =
        tools
            .master()
            .allocateChunks(
                AllocateChunksRequest.newBuilder()
                    .setReplicas(replicas)
                    .setCount(count)
                    .addAllAvoidServers(suspects)
                    .setExpectedBytes(expectedBytes));
    reply.whenComplete((granted, failure) -> answered(granted, failure, grant));
    return new Asked(ahead, grant);
  }

  private void answered(
      AllocateChunksReply reply, Throwable failure, CompletableFuture<ChunkGrant> grant) {
    if (failure == null) {
      synchronized (this) {
        pauses.progressed();
      }
      tools.servers().learn(reply.getGrant().getChainList());
      grant.complete(reply.getGrant());
      return;
    }
    CairnException error = Failures.of(failure);
    if (error.code().retry() != ErrorCode.Retry.LATER) {
      grant.completeExceptionally(error);
      return;
    }
    Duration pause;
    synchronized (this) {
      pause = pauses.nextPause();
    }
    tools.timer().after(pause, () -> grant.completeExceptionally(error));
  }
}
