package dev.cairn.chunkserver.heartbeat;

import dev.cairn.chunkserver.store.Replica;
import dev.cairn.rpc.proto.ChunkReplica;
import dev.cairn.rpc.proto.ChunkReport;
import io.grpc.StatusException;

/** Puts replicas together to pages of a report. After a page could not be sent the rest is not. */
final class ReportPages {

  /** Sends a page; false when nobody listens any more. */
  interface Sink {
    boolean send(ChunkReport page) throws StatusException, InterruptedException;
  }

  private static final int PAGE = 10_000;

  private final int serverId;
  private final long masterIncarnation;
  private final long incarnation;
  private final Sink sink;
  private ChunkReport.Builder page;
  private boolean over;
  private StatusException failure;
  private InterruptedException interrupt;

  ReportPages(int serverId, long masterIncarnation, long incarnation, Sink sink) {
    this.serverId = serverId;
    this.masterIncarnation = masterIncarnation;
    this.incarnation = incarnation;
    this.sink = sink;
    this.page = empty();
  }

  private ChunkReport.Builder empty() {
    return ChunkReport.newBuilder()
        .setServerId(serverId)
        .setMasterIncarnation(masterIncarnation)
        .setIncarnation(incarnation);
  }

  void add(Replica replica) {
    if (over) {
      return;
    }
    page.addChunks(
        ChunkReplica.newBuilder()
            .setChunkId(replica.chunkId())
            .setLength(replica.length())
            .setSealed(replica.sealed()));
    if (page.getChunksCount() == PAGE) {
      flush();
    }
  }

  private void flush() {
    try {
      over = !sink.send(page.build());
    } catch (StatusException e) {
      failure = e;
      over = true;
    } catch (InterruptedException e) {
      interrupt = e;
      over = true;
    }
    page = empty();
  }

  /** Sends the last page. */
  void finish() throws StatusException, InterruptedException {
    if (!over) {
      page.setLast(true);
      flush();
    }
    if (failure != null) {
      throw failure;
    }
    if (interrupt != null) {
      throw interrupt;
    }
  }
}
