package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Grant;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.AllocateChunksReply;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.ChunkGrant;
import dev.cairn.rpc.proto.ServerAddress;
import java.util.List;

/** Grants chunk ids to a session. */
public final class GrantDecider {

  private static final int MAX_COUNT = 65536;

  /** How far the ids of chunks that are not known may be behind those that nobody reports. */
  private static final long PASSED_OVER = 1L << 40;

  /** No master gets so far. */
  private static final long NO_ID = 1L << 62;

  private GrantDecider() {}

  /** Refuses a number of chunks nobody needs at once. */
  public static void check(AllocateChunksRequest request) throws CairnException {
    if (request.getCount() < 1 || request.getCount() > MAX_COUNT) {
      throw ErrorCode.INVALID.because(
          "between 1 and " + MAX_COUNT + " chunks are granted at once, not " + request.getCount());
    }
  }

  /**
   * Grants the next ids.
   *
   * @param chain the servers to write them to, chosen by placement
   */
  public static Decision<AllocateChunksReply> grant(
      MetadataView view, AllocateChunksRequest request, List<ServerAddress> chain) {
    long first = Math.max(1, view.number(Meta.NEXT_CHUNK));
    Grant.Builder grant =
        Grant.newBuilder()
            .setSession(request.getContext().getSessionId())
            .setFirst(first)
            .setCount(request.getCount())
            .setUnsealed(request.getCount());
    chain.forEach(server -> grant.addServers(server.getServerId()));
    ChunkGrant reply =
        ChunkGrant.newBuilder()
            .setFirstChunkId(first)
            .setCount(request.getCount())
            .addAllChain(chain)
            .build();
    return new Decision<>(
        List.of(Record.newBuilder().setGrantWritten(grant).build()),
        AllocateChunksReply.newBuilder().setGrant(reply).build());
  }

  /**
   * Passes over ids that are still to be granted and that chunk servers have chunks of: this state
   * has lost what came later, or is of a backup. Answers the records for that.
   *
   * @param chunks ids of chunks that servers have and the state does not know
   */
  public static List<Record> passOver(MetadataView view, List<Long> chunks) {
    long next = view.number(Meta.NEXT_CHUNK);
    long highest = chunks.stream().filter(id -> id < NO_ID).max(Long::compare).orElse(0L);
    return highest < Math.max(1, next)
        ? List.of()
        : List.of(Record.newBuilder().setChunkIdTaken(highest + PASSED_OVER).build());
  }
}
