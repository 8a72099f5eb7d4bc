package dev.cairn.master.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Chunk;
import dev.cairn.master.record.proto.ChunksWritten;
import dev.cairn.master.record.proto.ExtentsChanged;
import dev.cairn.master.record.proto.Orphan;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.ChangeRangeRequest;
import dev.cairn.rpc.proto.CloneRangeReply;
import dev.cairn.rpc.proto.CloneRangeRequest;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.RemoveRequest;
import dev.cairn.rpc.proto.RenameRequest;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.RestoreTrashRequest;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.proto.SetAttributesReply;
import dev.cairn.rpc.proto.SetAttributesRequest;
import dev.cairn.rpc.proto.WrittenChunk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** No decision takes more than a few MB, however many extents a file has. */
final class BoundedDecisionsTest {

  private static final int EXTENTS = 40_000;
  private static final int CHUNKS = 4_000;
  private static final int SPACING = 4096;
  private static final long SIZE = (long) EXTENTS * SPACING;
  private static final long MOST_BYTES = 4 << 20;
  private static final Defaults DEFAULTS = new Defaults(64 << 20, 2, 3600);

  private final AttributeDecider attributes = new AttributeDecider(DEFAULTS);
  private final RangeDecider ranges = new RangeDecider(DEFAULTS);
  private DecisionCore core;
  private RequestContext context;
  private long file;
  private int decisions;

  @BeforeEach
  void makeFile() throws CairnException, IOException {
    core = new DecisionCore(new MemoryStore());
    Session session = core.run((view, now) -> SessionDecider.open(view, "test", "", 1));
    context = RequestContext.newBuilder().setSessionId(session.getId()).setEpoch(1).build();
    file = create("f");
    ExtentsChanged.Builder extents = ExtentsChanged.newBuilder().setExtentMap(file);
    for (int i = 0; i < EXTENTS; i++) {
      long start = (long) i * SPACING;
      long chunk = 1L + i % CHUNKS;
      extents.addWritten(new ExtentRow(start, start + 1, chunk, 2L * (i / CHUNKS)).toProto());
    }
    ChunksWritten.Builder chunks = ChunksWritten.newBuilder();
    for (int i = 0; i < CHUNKS; i++) {
      chunks.addChunks(
          Chunk.newBuilder()
              .setId(1 + i)
              .setReferences(EXTENTS / CHUNKS)
              .setLength(SPACING)
              .setReplicas(2)
              .setSealed(true)
              .setCreated(true));
    }
    core.apply(Record.newBuilder().setChunkIdTaken(CHUNKS).build());
    core.apply(Record.newBuilder().setExtentsChanged(extents).build());
    core.apply(Record.newBuilder().setChunksWritten(chunks).build());
    var inode = core.view().inode(file);
    core.apply(
        Record.newBuilder()
            .setInodeChanged(
                inode.toBuilder()
                    .setAttributes(
                        inode.getAttributes().toBuilder().setSize(SIZE).setAllocated(EXTENTS)))
            .build());
    StateCheck.check(core.tables());
  }

  private long create(String name) throws CairnException {
    CreateRequest request =
        CreateRequest.newBuilder()
            .setParent(MetadataView.ROOT)
            .setName(ByteString.copyFromUtf8(name))
            .setType(FileType.REGULAR)
            .build();
    return core.run((view, now) -> new CreateDecider(DEFAULTS).create(view, request, now))
        .getAttributes()
        .getInode();
  }

  private <R> R bounded(DecisionCore.Ask<R> ask) throws CairnException {
    decisions++;
    return core.run(
        (view, now) -> {
          Decision<R> decision = ask.decide(view, now);
          long bytes = decision.records().stream().mapToLong(Record::getSerializedSize).sum();
          assertTrue(bytes <= MOST_BYTES, bytes + " bytes in one decision");
          return decision;
        });
  }

  private void reapAll() throws CairnException {
    List<Orphan> orphans = new ArrayList<>();
    core.view().orphans(orphans::add);
    for (Orphan orphan : orphans) {
      boolean gone = false;
      while (!gone) {
        gone = bounded((view, now) -> ReapDecider.orphan(view, orphan, now));
      }
    }
  }

  private void truncate(long size) throws CairnException {
    SetAttributesRequest request =
        SetAttributesRequest.newBuilder()
            .setContext(context)
            .setInode(file)
            .setSize(size)
            .setPermissions(0600)
            .build();
    boolean more = true;
    while (more) {
      SetAttributesReply reply = bounded((view, now) -> attributes.set(view, request, now));
      more = reply.getMore();
      assertEquals(more ? 0 : 0600, reply.getAttributes().getPermissions());
    }
    assertEquals(size, core.view().inode(file).getAttributes().getSize());
    StateCheck.check(core.tables());
    reapAll();
    StateCheck.check(core.tables());
  }

  @Test
  void truncateToNothing_isOneDecision_andTheRestIsTakenApartInSteps() throws CairnException {
    truncate(0);
    assertTrue(decisions > EXTENTS / 4096, decisions + " decisions");
    assertEquals(0, core.view().inode(file).getAttributes().getAllocated());
  }

  @Test
  void truncateThatKeepsFewExtents_isOneDecision() throws CairnException {
    truncate(100 * SPACING);
    assertEquals(100, core.view().inode(file).getAttributes().getAllocated());
  }

  @Test
  void truncateThatKeepsAndCutsMany_goesFromTheEndInBoundedSteps() throws CairnException {
    truncate(SIZE / 4);
    assertEquals(EXTENTS / 4, core.view().inode(file).getAttributes().getAllocated());
    assertTrue(decisions >= EXTENTS * 3 / 4 / 4096 && decisions < 60, decisions + " decisions");
  }

  @Test
  void punch_goesThroughTheRangeInBoundedSteps() throws CairnException {
    long at = 0;
    while (at < SIZE) {
      ChangeRangeRequest request =
          ChangeRangeRequest.newBuilder()
              .setContext(context)
              .setInode(file)
              .setOffset(at)
              .setLength(SIZE - at)
              .setPunchHole(true)
              .setKeepSize(true)
              .build();
      at = bounded((view, now) -> ranges.change(view, request, now)).getDoneTo();
    }
    assertEquals(0, core.view().inode(file).getAttributes().getAllocated());
    assertEquals(SIZE, core.view().inode(file).getAttributes().getSize());
    StateCheck.check(core.tables());
  }

  private void copy(long from, long to) throws CairnException {
    long at = 0;
    while (at < SIZE) {
      CloneRangeRequest request =
          CloneRangeRequest.newBuilder()
              .setContext(context)
              .setSourceInode(from)
              .setSourceOffset(at)
              .setTargetInode(to)
              .setTargetOffset(at)
              .setLength(SIZE)
              .build();
      CloneRangeReply reply = bounded((view, now) -> ranges.clone(view, request, now));
      assertTrue(reply.getCopied() > 0);
      at += reply.getCopied();
      assertEquals(at, Math.min(SIZE, at));
    }
  }

  @Test
  void clone_copiesABoundedPart_alsoOntoAFileOfManyExtents() throws CairnException {
    long copy = create("copy");
    copy(file, copy);
    assertEquals(EXTENTS, core.view().inode(copy).getAttributes().getAllocated());
    copy(copy, file);
    truncate(0);
    copy(copy, file);
    assertEquals(EXTENTS, core.view().inode(file).getAttributes().getAllocated());
    StateCheck.check(core.tables());
  }

  @Test
  void unlinkRestoreAndRenameOver_doNotTouchExtents() throws CairnException {
    RemoveRequest remove =
        RemoveRequest.newBuilder()
            .setContext(context)
            .setParent(MetadataView.ROOT)
            .setName(ByteString.copyFromUtf8("f"))
            .build();
    bounded((view, now) -> new RemoveDecider(DEFAULTS).remove(view, remove, now));
    RestoreTrashRequest restore = RestoreTrashRequest.newBuilder().addInodes(file).build();
    bounded((view, now) -> RestoreDecider.restore(view, restore, now));
    create("g");
    RenameRequest rename =
        RenameRequest.newBuilder()
            .setContext(context)
            .setParent(MetadataView.ROOT)
            .setName(ByteString.copyFromUtf8("g"))
            .setNewParent(MetadataView.ROOT)
            .setNewName(ByteString.copyFromUtf8("f"))
            .build();
    bounded((view, now) -> new RenameDecider(DEFAULTS).rename(view, rename, now));
    bounded((view, now) -> TrashDecider.letGo(view, Long.MAX_VALUE, Long.MAX_VALUE, now));
    reapAll();
    assertEquals(0, core.view().number(dev.cairn.master.store.Layout.Meta.CHUNK_COUNT));
    StateCheck.check(core.tables());
  }

  @Test
  void commitOverMoreExtentsThanOneDecisionMayHide_isRefused_andItsPartsAreNot()
      throws CairnException {
    AllocateChunksRequest request =
        AllocateChunksRequest.newBuilder().setContext(context).setCount(1).build();
    List<ServerAddress> chain = List.of(ServerAddress.newBuilder().setServerId(1).build());
    long chunk =
        core.run((view, now) -> GrantDecider.grant(view, request, chain))
            .getGrant()
            .getFirstChunkId();
    int length = 36_000 * SPACING;
    CommitDecider committing = new CommitDecider(new Defaults(1 << 30, 2, 3600));
    var inode = core.view().inode(file);
    core.apply(
        Record.newBuilder()
            .setInodeChanged(
                inode.toBuilder()
                    .setAttributes(inode.getAttributes().toBuilder().setChunkSize(1 << 30)))
            .build());
    CommitRequest whole = commit(chunk, 0, length, length, true);
    assertEquals(
        ErrorCode.TOO_MANY_EXTENTS,
        core.refusal((view, now) -> committing.commit(view, whole, now)));
    CommitRequest first = commit(chunk, 0, length / 2, length, false);
    bounded((view, now) -> committing.commit(view, first, now));
    CommitRequest second = commit(chunk, length / 2, length / 2, length, true);
    bounded((view, now) -> committing.commit(view, second, now));
    StateCheck.check(core.tables());
    assertEquals(
        (long) length + EXTENTS - 36_000, core.view().inode(file).getAttributes().getAllocated());
  }

  private CommitRequest commit(long chunk, int from, int length, int all, boolean sealed) {
    return CommitRequest.newBuilder()
        .setContext(context)
        .setInode(file)
        .addExtents(
            Extent.newBuilder()
                .setFileOffset(from)
                .setLength(length)
                .setChunkId(chunk)
                .setChunkOffset(from))
        .addChunks(
            WrittenChunk.newBuilder()
                .setChunkId(chunk)
                .setLength(all)
                .setSealed(sealed)
                .setReplicas(2)
                .addServerIds(1))
        .build();
  }
}
