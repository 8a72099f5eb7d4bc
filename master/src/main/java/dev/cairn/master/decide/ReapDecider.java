package dev.cairn.master.decide;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Grant;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Orphan;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.RepliesForgotten;
import dev.cairn.master.record.proto.XattrName;
import dev.cairn.master.state.ExtentCursor;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes apart, in bounded steps, what nothing needs any longer: inodes without names that nobody
 * has open, extent maps that were given up, and what sessions that ended left behind.
 */
public final class ReapDecider {

  private static final int MOST_ROWS_PER_STEP = 4096;

  private ReapDecider() {}

  /** Takes a step at an orphan; answers whether it is gone. */
  public static Decision<Boolean> orphan(MetadataView view, Orphan orphan, long now)
      throws CairnException {
    if (!view.isOrphan(orphan)) {
      return Decision.replyOnly(true);
    }
    Inode inode = orphan.getExtentMapOnly() ? null : view.inode(orphan.getId());
    long map = inode == null ? orphan.getId() : inode.getExtentMap();
    List<Record> records = new ArrayList<>();
    long since = orphan.getGarbageSince() == 0 ? now : orphan.getGarbageSince();
    boolean gone = map == 0 || dropExtents(view, map, records, since);
    if (gone) {
      records.add(Record.newBuilder().setOrphanRemoved(orphan).build());
      if (inode != null) {
        view.xattrNames(orphan.getId(), name -> records.add(xattrRemoved(orphan.getId(), name)));
        records.add(Record.newBuilder().setInodeDeleted(orphan.getId()).build());
      }
    }
    return new Decision<>(records, gone);
  }

  private static Record xattrRemoved(long inode, ByteString name) {
    return Record.newBuilder()
        .setXattrRemoved(XattrName.newBuilder().setInode(inode).setName(name))
        .build();
  }

  /** Drops the first extents of a map; answers whether those were all. */
  private static boolean dropExtents(MetadataView view, long map, List<Record> records, long since)
      throws CairnException {
    long end = 0;
    boolean all;
    try (ExtentCursor extents = view.extents(map)) {
      ExtentRow extent = extents.firstEndingBehind(0);
      for (int i = 0; extent != null && i < MOST_ROWS_PER_STEP; i++) {
        end = extent.end();
        extent = extents.next();
      }
      all = extent == null;
    }
    try (ContentDraft content = new ContentDraft(view, map, end)) {
      content.cut(0, end);
      content.addRecords(records, since);
    }
    return all;
  }

  /**
   * Takes a step at the first grant whose session has ended: what its writer left open is sealed
   * now. Answers the session, or 0 when there is no such grant from the given session on.
   */
  public static Decision<Long> endedGrant(MetadataView view, long fromSession, long now) {
    Grant grant = view.firstGrantFrom(fromSession);
    while (grant != null && view.session(grant.getSession()) != null) {
      grant = view.firstGrantFrom(grant.getSession() + 1);
    }
    if (grant == null) {
      return Decision.replyOnly(0L);
    }
    List<Record> records = new ArrayList<>();
    ContentDraft.addChunkRecords(unsealed(view, grant), records, now);
    records.add(Record.newBuilder().setGrantRemoved(GrantedChunks.range(grant)).build());
    return new Decision<>(records, grant.getSession());
  }

  private static Map<Long, ChunkDraft> unsealed(MetadataView view, Grant grant) {
    Map<Long, ChunkDraft> chunks = new LinkedHashMap<>();
    long end = grant.getFirst() + grant.getCount();
    view.chunksFrom(
        grant.getFirst(),
        (id, row) -> {
          if (id < end && !row.sealed()) {
            ChunkDraft chunk = new ChunkDraft(id, row);
            chunk.abandoned();
            chunks.put(id, chunk);
          }
          return id < end;
        });
    return chunks;
  }

  /**
   * Takes a step at the replies kept for the first session that has ended. Answers the session, or
   * 0 when there is none from the given session on.
   */
  public static Decision<Long> endedReplies(MetadataView view, long fromSession) {
    long session = view.firstSessionWithReplies(fromSession);
    while (session != 0 && view.session(session) != null) {
      session = view.firstSessionWithReplies(session + 1);
    }
    if (session == 0) {
      return Decision.replyOnly(0L);
    }
    long first = view.firstReplyKept(session, 0);
    RepliesForgotten forgotten =
        RepliesForgotten.newBuilder()
            .setSession(session)
            .setFrom(first)
            .setBelow(first + MOST_ROWS_PER_STEP)
            .setOfEndedSession(true)
            .build();
    return new Decision<>(
        List.of(Record.newBuilder().setRepliesForgotten(forgotten).build()), session);
  }
}
