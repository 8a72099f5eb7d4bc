package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Grant;
import dev.cairn.master.record.proto.GrantRange;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.ChunkSize;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.WrittenChunk;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The grants of one session, as far as one decision asks for them, and what it uses up of them. */
final class GrantedChunks {

  private final MetadataView view;
  private final long session;

  /** By first chunk id. */
  private final Map<Long, Grant> used = new LinkedHashMap<>();

  private Grant latest;

  GrantedChunks(MetadataView view, long session) {
    this.view = view;
    this.session = session;
  }

  /** Whether the session may write the chunk. */
  boolean contains(long chunk) {
    if (latest == null || !covers(latest, chunk)) {
      Grant found = view.grantOf(session, chunk);
      if (found == null) {
        return false;
      }
      latest = found;
    }
    return true;
  }

  private static boolean covers(Grant grant, long chunk) {
    return chunk >= grant.getFirst() && chunk < grant.getFirst() + grant.getCount();
  }

  /** Whether a chunk of the grants that has no row was not one before, and is garbage since. */
  boolean isUnused(long chunk) {
    boolean noneSealed = contains(chunk) && latest.getUnsealed() == latest.getCount();
    return noneSealed || view.garbageSince(chunk) == null;
  }

  /** Notes what the client says of a chunk it wrote. */
  void take(ChunkDraft chunk, WrittenChunk written, int chunkSize) throws CairnException {
    long id = written.getChunkId();
    boolean own = contains(id);
    if (own ? chunk.created() && !isUnused(id) : chunk.created() || !chunk.sealed()) {
      throw notGranted(id);
    }
    if (written.getServerIdsCount() == 0) {
      throw ErrorCode.INVALID.because("no server acknowledged chunk " + id);
    }
    if (written.getLength() <= 0 || written.getLength() > chunkSize) {
      throw ErrorCode.INVALID.because(
          "chunk "
              + id
              + " has "
              + written.getLength()
              + " bytes, and its file's chunk size is "
              + chunkSize);
    }
    if (chunk.sealed() && written.getLength() > chunk.length()) {
      throw ErrorCode.INVALID.because("chunk " + id + " is sealed and cannot have grown");
    }
    if (chunk.sealed()) {
      // As it was committed before: nothing of it changes any more.
      return;
    }
    boolean sealsNow = written.getSealed();
    try {
      int replicas = ChunkSize.checkedReplicas(written.getReplicas());
      chunk.written((int) written.getLength(), replicas, written.getSealed());
    } catch (IllegalArgumentException e) {
      throw ErrorCode.INVALID.because(e.getMessage(), e);
    }
    if (sealsNow) {
      seal(id);
    }
    if (sealsNow && written.getRagged()) {
      chunk.abandoned();
    }
  }

  /** One chunk of its grant is sealed now. */
  private void seal(long chunk) {
    if (!contains(chunk)) {
      return;
    }
    Grant grant = used.getOrDefault(latest.getFirst(), latest);
    used.put(grant.getFirst(), grant.toBuilder().setUnsealed(grant.getUnsealed() - 1).build());
  }

  /** Adds what becomes of the grants: one that is used up goes. */
  void addRecords(List<Record> records) {
    for (Grant grant : used.values()) {
      if (grant.getUnsealed() > 0) {
        records.add(Record.newBuilder().setGrantWritten(grant).build());
      } else {
        records.add(Record.newBuilder().setGrantRemoved(range(grant)).build());
      }
    }
  }

  static CairnException notGranted(long chunk) {
    return ErrorCode.INVALID.because("chunk " + chunk + " is not granted to the session");
  }

  static GrantRange range(Grant grant) {
    return GrantRange.newBuilder()
        .setSession(grant.getSession())
        .setFirst(grant.getFirst())
        .setCount(grant.getCount())
        .build();
  }
}
