package dev.cairn.master.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.CommitReply;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.EntryReply;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.SealReply;
import dev.cairn.rpc.proto.SealRequest;
import dev.cairn.rpc.proto.WrittenChunk;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Chunks that are sealed behind the last commit of their bytes. */
final class SealDeciderTest {

  private static final Defaults DEFAULTS = new Defaults(1 << 20, 2);

  private DecisionCore core;
  private long session;
  private long file;
  private long chunk;

  @BeforeEach
  void fileWithAnOpenChunk() throws CairnException, IOException {
    core = new DecisionCore(new MemoryStore());
    session = open();
    CreateRequest create =
        CreateRequest.newBuilder()
            .setParent(MetadataView.ROOT)
            .setName(ByteString.copyFromUtf8("f"))
            .setType(FileType.REGULAR)
            .build();
    EntryReply made =
        core.run((view, now) -> new CreateDecider(DEFAULTS).create(view, create, now));
    file = made.getAttributes().getInode();
    AllocateChunksRequest two =
        AllocateChunksRequest.newBuilder().setContext(context(session)).setCount(2).build();
    chunk =
        core.run((view, now) -> GrantDecider.grant(view, two, List.of()))
            .getGrant()
            .getFirstChunkId();
    CommitRequest commit =
        CommitRequest.newBuilder()
            .setContext(context(session))
            .setInode(file)
            .addExtents(Extent.newBuilder().setLength(10).setChunkId(chunk))
            .addChunks(written(chunk, 10))
            .build();
    CommitReply unused =
        core.run((view, now) -> new CommitDecider(DEFAULTS).commit(view, commit, now));
  }

  private long open() throws CairnException {
    Session opened = core.run((view, now) -> SessionDecider.open(view, "test", "", 1));
    return opened.getId();
  }

  private static RequestContext context(long session) {
    return RequestContext.newBuilder().setSessionId(session).setEpoch(1).build();
  }

  private static WrittenChunk.Builder written(long id, long length) {
    return WrittenChunk.newBuilder()
        .setChunkId(id)
        .setLength(length)
        .setReplicas(2)
        .addServerIds(1);
  }

  private DecisionCore.Ask<SealReply> seal(long bySession, WrittenChunk.Builder of) {
    SealRequest request =
        SealRequest.newBuilder().setContext(context(bySession)).setInode(file).setChunk(of).build();
    return (view, now) -> SealDecider.seal(view, request, now);
  }

  private boolean canBeExtended() throws CairnException {
    AllocateChunksRequest request =
        AllocateChunksRequest.newBuilder()
            .setContext(context(session))
            .setExtendInode(file)
            .setReplicas(2)
            .build();
    return core.run((view, now) -> ExtensionDecider.extend(view, request, id -> List.of(), 0))
        .hasExtension();
  }

  @Test
  void seal_isNoChangeOfTheFile() throws CairnException {
    Inode before = core.view().inode(file);
    SealReply unused = core.run(seal(session, written(chunk, 10)));
    assertEquals(before, core.view().inode(file));
    assertEquals(new ChunkRow(1, 10, 2, true, false), core.view().chunk(chunk));
    assertEquals(1, core.view().grantOf(session, chunk).getUnsealed());
  }

  @Test
  void seal_isARecordOfItsOwn_andMadeAgainNone() throws CairnException {
    DecisionCore.Ask<SealReply> seal = seal(session, written(chunk, 10));
    List<Record> records = seal.decide(core.view(), core.now()).records();
    assertEquals(Record.KindCase.CHUNK_SEALED, records.get(0).getKindCase());
    SealReply unused = core.run(seal);
    assertEquals(List.of(), seal.decide(core.view(), core.now()).records());
  }

  @Test
  void sealOfAChunkWhoseServersMayHaveMore_letsNobodyGoOnWithIt() throws CairnException {
    SealReply unused = core.run(seal(session, written(chunk, 10).setRagged(true)));
    assertEquals(new ChunkRow(1, 10, 2, true, true), core.view().chunk(chunk));
    assertFalse(canBeExtended());
  }

  @Test
  void sealOfAChunkThatNoFileHas_makesItGarbage() throws CairnException {
    long chunks = core.view().number(Meta.CHUNK_COUNT);
    SealReply unused = core.run(seal(session, written(chunk + 1, 7)));
    assertNull(core.view().chunk(chunk + 1));
    assertNotNull(core.view().garbageSince(chunk + 1));
    assertEquals(chunks, core.view().number(Meta.CHUNK_COUNT));
    assertEquals(ErrorCode.INVALID, core.refusal(seal(session, written(chunk + 1, 7))));
  }

  @Test
  void chunkOfAnotherSession_isNotSealed() throws CairnException {
    long other = open();
    assertEquals(ErrorCode.INVALID, core.refusal(seal(other, written(chunk, 10))));
    assertFalse(core.view().chunk(chunk).sealed());
  }

  @Test
  void sealThatMakesNoSense_isRefused() {
    assertEquals(
        ErrorCode.INVALID, core.refusal(seal(session, written(chunk, 10).clearServerIds())));
    assertEquals(ErrorCode.INVALID, core.refusal(seal(session, written(chunk, 2 << 20))));
    assertEquals(ErrorCode.INVALID, core.refusal(seal(session, written(chunk, 0))));
    assertEquals(ErrorCode.INVALID, core.refusal(seal(session, written(chunk + 9, 10))));
    file = 99;
    assertEquals(ErrorCode.STALE, core.refusal(seal(session, written(chunk, 10))));
    assertTrue(!core.view().chunk(chunk).sealed());
  }
}
