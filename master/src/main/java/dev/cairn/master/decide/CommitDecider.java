package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.ExtentCursor;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.SetIdBits;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.CommitReply;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.WrittenChunk;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Puts what a client wrote into a file: the moment at which it becomes visible. */
public final class CommitDecider {

  /** Extents that are looked through for a chunk which the session was not granted. */
  private static final int MOST_SEARCHED = 16_384;

  private final Defaults defaults;
  private final int mostChanges;

  public CommitDecider(Defaults defaults) {
    this(defaults, ContentDraft.MOST_CHANGES);
  }

  /**
   * Makes a decider.
   *
   * @param mostChanges that one commit makes to extents; a greater one is refused, and the client
   *     commits it in parts
   */
  CommitDecider(Defaults defaults, int mostChanges) {
    this.defaults = defaults;
    this.mostChanges = mostChanges;
  }

  public Decision<CommitReply> commit(MetadataView view, CommitRequest request, long now)
      throws CairnException {
    Inode inode = view.inode(request.getInode());
    if (inode == null) {
      throw ErrorCode.STALE.because("inode " + request.getInode() + " is gone");
    }
    FileLength.checkRegular(inode);
    boolean sealsOnly = sealsOnly(request);
    if (!sealsOnly) {
      LeaseDecider.checkMayChange(view, request.getInode(), request.getContext());
    }
    Attributes before = inode.getAttributes();
    GrantedChunks grants = new GrantedChunks(view, request.getContext().getSessionId());
    List<Record> records = new ArrayList<>();
    try (ContentDraft content =
        new ContentDraft(view, inode.getExtentMap(), before.getSize(), mostChanges)) {
      for (WrittenChunk chunk : request.getChunksList()) {
        grants.take(content.chunk(chunk.getChunkId()), chunk, before.getChunkSize());
      }
      checkChunks(view, content, grants, inode.getExtentMap(), request);
      long base = request.getAppend() ? before.getSize() : 0;
      long end = FileLength.checkedEnd(base, request.getSizeAtLeast());
      for (Extent extent : request.getExtentsList()) {
        end = Math.max(end, lay(content, extent, base));
      }
      content.addRecords(records, now);
      grants.addRecords(records);
      Inode committed = inode;
      if (!sealsOnly) {
        Attributes after = after(before, request, content.allocatedChange(), end, now);
        committed = inode.toBuilder().setAttributes(after).build();
        records.add(Record.newBuilder().setInodeChanged(committed).build());
      }
      if (isTemporary(before) && view.isTrashed(inode)) {
        TrashDecider.letGo(inode, now, records);
      }
      CommitReply reply =
          CommitReply.newBuilder()
              .setAttributes(defaults.inForce(committed))
              .setAppendOffset(base)
              .build();
      return new Decision<>(records, reply);
    }
  }

  /** Whether nothing of the file changes: clients said so of a seal before there was a request. */
  private static boolean sealsOnly(CommitRequest request) {
    return request.getExtentsCount() == 0
        && request.getSizeAtLeast() == 0
        && !request.getClearSetIdBits();
  }

  /** Whether bytes come only now that it was deleted: nobody will want it back. */
  private static boolean isTemporary(Attributes file) {
    return file.getLinks() == 0 && file.getSize() == 0 && file.getDataVersion() == 1;
  }

  /** Refuses extents of chunks that are not the session's to write, and not in the file already. */
  private static void checkChunks(
      MetadataView view,
      ContentDraft content,
      GrantedChunks grants,
      long map,
      CommitRequest request)
      throws CairnException {
    Set<Long> foreign = new HashSet<>();
    for (Extent extent : request.getExtentsList()) {
      long id = extent.getChunkId();
      long length = content.chunk(id).length();
      long end = extent.getChunkOffset() + extent.getLength();
      if (extent.getLength() <= 0 || extent.getChunkOffset() < 0 || end < 0) {
        throw ErrorCode.INVALID.because("an extent of chunk " + id + " is empty or out of bounds");
      }
      if (!grants.contains(id)) {
        foreign.add(id);
      }
      if (end > length) {
        throw ErrorCode.INVALID.because(
            "an extent reaches to byte " + end + " of chunk " + id + ", which has " + length);
      }
    }
    if (!foreign.isEmpty()) {
      removeThoseOfFile(view, map, foreign);
    }
    if (!foreign.isEmpty()) {
      throw GrantedChunks.notGranted(foreign.iterator().next());
    }
  }

  /**
   * Looks at so many extents only: a client names a sealed chunk once, with the last bytes that are
   * in it.
   */
  private static void removeThoseOfFile(MetadataView view, long map, Set<Long> chunks) {
    try (ExtentCursor extents = view.extents(map)) {
      ExtentRow extent = extents.firstEndingBehind(0);
      for (int seen = 0; seen < MOST_SEARCHED && extent != null && !chunks.isEmpty(); seen++) {
        chunks.remove(extent.chunk());
        extent = extents.next();
      }
    }
  }

  /** Answers the offset behind the extent. */
  private static long lay(ContentDraft content, Extent extent, long base) throws CairnException {
    long start = FileLength.checkedEnd(base, extent.getFileOffset());
    long end = FileLength.checkedEnd(start, extent.getLength());
    content.lay(new ExtentRow(start, end, extent.getChunkId(), extent.getChunkOffset()));
    return end;
  }

  private static Attributes after(
      Attributes before, CommitRequest request, long allocatedChange, long end, long now) {
    int permissions = before.getPermissions();
    long written = request.getMtime() == 0 ? now : request.getMtime();
    return before.toBuilder()
        .setSize(Math.max(before.getSize(), end))
        .setAllocated(before.getAllocated() + allocatedChange)
        .setDataVersion(before.getDataVersion() + 1)
        .setMtime(written)
        // The change is the write, whenever it is committed: times do not move by themselves.
        .setCtime(Math.max(before.getCtime(), written))
        .setPermissions(request.getClearSetIdBits() ? SetIdBits.clear(permissions) : permissions)
        .build();
  }
}
