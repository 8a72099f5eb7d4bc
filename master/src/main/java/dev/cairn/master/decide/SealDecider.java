package dev.cairn.master.decide;

import dev.cairn.master.record.proto.ChunksDiscarded;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.SealReply;
import dev.cairn.rpc.proto.SealRequest;
import dev.cairn.rpc.proto.WrittenChunk;
import java.util.ArrayList;
import java.util.List;

/**
 * Seals a chunk behind the last commit of its bytes. A chunk that no extent refers to then, and
 * none can any more, is garbage.
 */
public final class SealDecider {

  private SealDecider() {}

  public static Decision<SealReply> seal(MetadataView view, SealRequest request, long now)
      throws CairnException {
    Inode inode = view.inode(request.getInode());
    if (inode == null) {
      throw ErrorCode.STALE.because("inode " + request.getInode() + " is gone");
    }
    FileLength.checkRegular(inode);
    long id = request.getChunk().getChunkId();
    ChunkDraft chunk = new ChunkDraft(id, view.chunk(id));
    boolean before = chunk.sealed();
    GrantedChunks grants = new GrantedChunks(view, request.getContext().getSessionId());
    WrittenChunk written = request.getChunk().toBuilder().setSealed(true).build();
    grants.take(chunk, written, inode.getAttributes().getChunkSize());
    List<Record> records = new ArrayList<>();
    if (!before) {
      addRecords(chunk, id, now, records);
    }
    grants.addRecords(records);
    return new Decision<>(records, SealReply.getDefaultInstance());
  }

  private static void addRecords(ChunkDraft chunk, long id, long now, List<Record> records) {
    if (chunk.created() || !chunk.discarded()) {
      records.add(Record.newBuilder().setChunkSealed(chunk.toProto()).build());
    }
    if (chunk.discarded()) {
      records.add(
          Record.newBuilder()
              .setChunksDiscarded(ChunksDiscarded.newBuilder().addIds(id).setSince(now))
              .build());
    }
  }
}
