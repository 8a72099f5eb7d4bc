package dev.cairn.master.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Orphan;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.state.ExtentCursor;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.rpc.SetIdBits;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.AllocateChunksReply;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.CloneRangeRequest;
import dev.cairn.rpc.proto.CommitReply;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.LinkRequest;
import dev.cairn.rpc.proto.RemoveXattrRequest;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.proto.SetAttributesRequest;
import dev.cairn.rpc.proto.SetXattrRequest;
import dev.cairn.rpc.proto.WrittenChunk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rules of single decisions that random operations do not come upon. */
final class DecidersTest {

  private static final long ROOT = 1;
  private static final Defaults DEFAULTS = new Defaults(4096, 2);

  private final CreateDecider creating = new CreateDecider(DEFAULTS);
  private final AttributeDecider attributes = new AttributeDecider(DEFAULTS);
  private final XattrDecider xattrs = new XattrDecider(DEFAULTS);
  private final CommitDecider committing = new CommitDecider(DEFAULTS);
  private final RangeDecider ranges = new RangeDecider(DEFAULTS);
  private DecisionCore core;
  private Session session;

  @BeforeEach
  void found() throws IOException {
    core = new DecisionCore(new MemoryStore());
    session = core.run((view, now) -> SessionDecider.open(view, "test", "", 1));
  }

  private static CreateRequest.Builder entry(long parent, String name, FileType type) {
    return CreateRequest.newBuilder()
        .setParent(parent)
        .setName(ByteString.copyFromUtf8(name))
        .setType(type)
        .setPermissions(0644);
  }

  private Attributes create(CreateRequest.Builder request) throws CairnException {
    return core.run((view, now) -> creating.create(view, request.build(), now)).getAttributes();
  }

  private long file(String name) throws CairnException {
    return create(entry(ROOT, name, FileType.REGULAR)).getInode();
  }

  private Attributes get(long inode) {
    return DEFAULTS.inForce(core.view().inode(inode));
  }

  private long grant(int count) throws CairnException {
    AllocateChunksRequest request =
        AllocateChunksRequest.newBuilder()
            .setContext(RequestContext.newBuilder().setSessionId(session.getId()))
            .setCount(count)
            .build();
    return core.run((view, now) -> GrantDecider.grant(view, request, List.of()))
        .getGrant()
        .getFirstChunkId();
  }

  private AllocateChunksReply extend(long inode, Session by) throws CairnException {
    AllocateChunksRequest request =
        AllocateChunksRequest.newBuilder()
            .setContext(RequestContext.newBuilder().setSessionId(by.getId()))
            .setExtendInode(inode)
            .setReplicas(2)
            .build();
    ServerAddress first = ServerAddress.newBuilder().setServerId(1).build();
    ServerAddress second = ServerAddress.newBuilder().setServerId(2).build();
    List<ServerAddress> holders = List.of(first, second);
    return core.run((view, now) -> ExtensionDecider.extend(view, request, chunk -> holders, 3));
  }

  private CommitRequest.Builder commit(long inode) {
    return CommitRequest.newBuilder()
        .setContext(RequestContext.newBuilder().setSessionId(session.getId()).setEpoch(1))
        .setInode(inode);
  }

  @Test
  void chunkAFileEndsWith_isLentToOneSessionAtATime_andSealedAgain() throws CairnException {
    long file = file("log");
    long id = grant(1);
    run(commit(file).addExtents(extent(0, 10, id, 0)).addChunks(chunk(id, 10, true)));
    Session other = core.run((view, now) -> SessionDecider.open(view, "other", "", 1));
    assertEquals(10, extend(file, session).getExtension().getLength());
    assertFalse(core.view().chunk(id).sealed());
    assertFalse(extend(file, other).hasExtension());
    run(
        commit(file)
            .setAppend(true)
            .addExtents(extent(0, 5, id, 10))
            .addChunks(chunk(id, 15, true)));
    assertEquals(new ExtentRow(0, 15, id, 0), core.view().extentEndingAt(mapOf(file), 15));
    assertTrue(core.view().chunk(id).sealed());
    assertEquals(15, extend(file, other).getExtension().getLength());
    assertFalse(extend(file, session).hasExtension());
  }

  @Test
  void chunkOfARangeThatIsStillGranted_isLentWithIt() throws CairnException {
    long file = file("log");
    long id = grant(2);
    run(commit(file).addExtents(extent(0, 10, id, 0)).addChunks(chunk(id, 10, true)));
    assertTrue(extend(file, session).hasExtension());
    assertEquals(2, core.view().grantOf(session.getId(), id).getUnsealed());
    run(commit(file).addExtents(extent(10, 5, id, 10)).addChunks(chunk(id, 15, true)));
    run(commit(file).addExtents(extent(15, 5, id + 1, 0)).addChunks(chunk(id + 1, 5, true)));
    assertNull(core.view().grantOf(session.getId(), id));
    assertFalse(extend(file("empty"), session).hasExtension());
  }

  @Test
  void chunkWhoseWriterIsGone_isSealed_andLentToNobody() throws CairnException {
    long file = file("log");
    long id = grant(1);
    run(commit(file).addExtents(extent(0, 10, id, 0)).addChunks(chunk(id, 10, false)));
    assertFalse(extend(file, session).hasExtension(), "not sealed yet");
    boolean ended = core.run((view, now) -> SessionDecider.end(view, session.getId()));
    assertTrue(ended);
    assertEquals(session.getId(), reapedGrant());
    assertTrue(core.view().chunk(id).sealed());
    Session other = core.run((view, now) -> SessionDecider.open(view, "other", "", 1));
    // Its servers may have bytes behind those that were committed.
    assertFalse(extend(file, other).hasExtension());
  }

  @Test
  void chunkInAGrantOfASessionThatEnded_isLentOnlyWhenThatIsClearedAway() throws CairnException {
    long file = file("log");
    long id = grant(2);
    run(commit(file).addExtents(extent(0, 10, id, 0)).addChunks(chunk(id, 10, true)));
    boolean ended = core.run((view, now) -> SessionDecider.end(view, session.getId()));
    assertTrue(ended);
    Session other = core.run((view, now) -> SessionDecider.open(view, "other", "", 1));
    assertFalse(extend(file, other).hasExtension());
    assertTrue(core.view().chunk(id).sealed());
    assertEquals(session.getId(), reapedGrant());
    assertTrue(extend(file, other).hasExtension());
    assertEquals(0, reapedGrant());
    assertFalse(core.view().chunk(id).sealed());
  }

  @Test
  void chunkThatWasLeftAfterAFailure_isLentToNobody() throws CairnException {
    long file = file("log");
    long id = grant(1);
    WrittenChunk left = chunk(id, 10, true).toBuilder().setRagged(true).build();
    run(commit(file).addExtents(extent(0, 10, id, 0)).addChunks(left));
    assertTrue(core.view().chunk(id).sealed());
    assertFalse(extend(file, session).hasExtension());
  }

  @Test
  void sealAlone_isNoChangeOfTheFile() throws CairnException {
    long file = file("f");
    long id = grant(1);
    run(commit(file).addExtents(extent(0, 10, id, 0)).addChunks(chunk(id, 10, false)));
    Attributes before = get(file);
    CommitReply reply = run(commit(file).setMtime(77).addChunks(chunk(id, 10, true)));
    assertEquals(before, reply.getAttributes());
    assertEquals(before, get(file));
    assertTrue(core.view().chunk(id).sealed());
    assertNull(core.view().grantOf(session.getId(), id));
    assertTrue(extend(file, session).hasExtension());
  }

  private long mapOf(long inode) {
    return core.view().inode(inode).getExtentMap();
  }

  private static WrittenChunk chunk(long id, long length, boolean sealed) {
    return WrittenChunk.newBuilder()
        .setChunkId(id)
        .setLength(length)
        .setSealed(sealed)
        .setReplicas(2)
        .addServerIds(1)
        .build();
  }

  private static Extent extent(long offset, long length, long chunk, long chunkOffset) {
    return Extent.newBuilder()
        .setFileOffset(offset)
        .setLength(length)
        .setChunkId(chunk)
        .setChunkOffset(chunkOffset)
        .build();
  }

  private CommitReply run(CommitRequest.Builder request) throws CairnException {
    return core.run((view, now) -> committing.commit(view, request.build(), now));
  }

  private ErrorCode refusal(CommitRequest.Builder request) {
    return core.refusal((view, now) -> committing.commit(view, request.build(), now));
  }

  private List<ExtentRow> extents(long inode) {
    List<ExtentRow> all = new ArrayList<>();
    try (ExtentCursor extents = core.view().extents(core.view().inode(inode).getExtentMap())) {
      for (ExtentRow e = extents.firstEndingBehind(0); e != null; e = extents.next()) {
        all.add(e);
      }
    }
    return all;
  }

  private boolean reaped(Orphan orphan) throws CairnException {
    return core.run((view, now) -> ReapDecider.orphan(view, orphan, now));
  }

  /** The session whose grant was cleared away, or 0. */
  private long reapedGrant() throws CairnException {
    return core.run((view, now) -> ReapDecider.endedGrant(view, 1, now));
  }

  private ErrorCode setXattr(long inode, String name, String value) {
    SetXattrRequest request =
        SetXattrRequest.newBuilder()
            .setInode(inode)
            .setName(ByteString.copyFromUtf8(name))
            .setValue(ByteString.copyFromUtf8(value))
            .build();
    try {
      var unused = core.run((view, now) -> xattrs.set(view, request, now));
      return null;
    } catch (CairnException e) {
      return e.code();
    }
  }

  @Test
  void names_mayBeAnyBytesWithinLimits() throws CairnException {
    ByteString odd = ByteString.copyFrom(new byte[] {(byte) 0xff, 1, '\n', (byte) 0x80});
    create(entry(ROOT, "", FileType.REGULAR).setName(odd));
    assertNotNull(core.view().dentry(ROOT, odd));
    create(entry(ROOT, "n".repeat(255), FileType.REGULAR));
    assertEquals(ErrorCode.NAME_TOO_LONG, refusedName("n".repeat(256)));
    assertEquals(ErrorCode.INVALID, refusedName("a/b"));
    assertEquals(ErrorCode.INVALID, refusedName("a\0b"));
    assertEquals(ErrorCode.INVALID, refusedName(""));
    assertEquals(ErrorCode.INVALID, refusedName(".."));
  }

  private ErrorCode refusedName(String name) {
    return core.refusal(
        (view, now) -> creating.create(view, entry(ROOT, name, FileType.REGULAR).build(), now));
  }

  @Test
  void aSetGroupIdDirectory_givesItsGroupAndItsBitToDirectories() throws CairnException {
    long dir =
        create(entry(ROOT, "d", FileType.DIRECTORY).setPermissions(02775).setGid(50)).getInode();
    Attributes file = create(entry(dir, "f", FileType.REGULAR).setGid(7));
    Attributes below = create(entry(dir, "e", FileType.DIRECTORY).setGid(7).setPermissions(0755));
    assertEquals(50, file.getGid());
    assertEquals(0644, file.getPermissions());
    assertEquals(50, below.getGid());
    assertEquals(02755, below.getPermissions());
  }

  @Test
  void aFileWithAllItsLinks_getsNoMore() throws CairnException {
    long file = file("f");
    Inode inode = core.view().inode(file);
    core.apply(
        Record.newBuilder()
            .setInodeChanged(
                inode.toBuilder()
                    .setAttributes(
                        inode.getAttributes().toBuilder().setLinks(CreateDecider.MAX_LINKS)))
            .build());
    LinkRequest request =
        LinkRequest.newBuilder()
            .setInode(file)
            .setNewParent(ROOT)
            .setNewName(ByteString.copyFromUtf8("g"))
            .build();
    assertEquals(
        ErrorCode.TOO_MANY_LINKS, core.refusal((view, now) -> creating.link(view, request, now)));
  }

  @Test
  void setIdBits_areClearedAsLinuxDoes() throws CairnException {
    long file = create(entry(ROOT, "f", FileType.REGULAR).setPermissions(06755)).getInode();
    SetAttributesRequest request =
        SetAttributesRequest.newBuilder().setInode(file).setClearSetIdBits(true).build();
    assertEquals(
        0755,
        core.run((view, now) -> attributes.set(view, request, now))
            .getAttributes()
            .getPermissions());
    assertEquals(02644, SetIdBits.clear(06644));
  }

  @Test
  void truncation_changesTheVersionOnlyWhenItChangesTheContent() throws CairnException {
    long file = file("f");
    long version = get(file).getDataVersion();
    SetAttributesRequest same = SetAttributesRequest.newBuilder().setInode(file).setSize(0).build();
    Attributes kept = core.run((view, now) -> attributes.set(view, same, now)).getAttributes();
    assertEquals(version, kept.getDataVersion());
    assertEquals(core.now(), kept.getMtime());
    SetAttributesRequest longer =
        SetAttributesRequest.newBuilder().setInode(file).setSize(5).setMtime(3).build();
    Attributes changed = core.run((view, now) -> attributes.set(view, longer, now)).getAttributes();
    assertEquals(version + 1, changed.getDataVersion());
    assertEquals(3, changed.getMtime());
    assertEquals(core.now(), changed.getCtime());
  }

  @Test
  void settings_areInheritedAndCheckedAndShownAsXattrs() throws CairnException {
    long dir = create(entry(ROOT, "d", FileType.DIRECTORY)).getInode();
    assertNull(setXattr(dir, "user.cairn.chunk_size", "2K"));
    assertNull(setXattr(dir, "user.cairn.replicas", "3"));
    Attributes file = create(entry(dir, "f", FileType.REGULAR));
    assertEquals(2048, file.getChunkSize());
    assertEquals(3, file.getReplicas());
    assertEquals(ErrorCode.INVALID, setXattr(dir, "user.cairn.chunk_size", "1K"));
    assertEquals(ErrorCode.INVALID, setXattr(dir, "user.cairn.chunk_size", "much"));
    assertEquals(ErrorCode.INVALID, setXattr(dir, "user.cairn.replicas", "0"));
    assertEquals(ErrorCode.INVALID, setXattr(dir, "user.cairn.chunks", "1"));
    assertEquals(ErrorCode.NOT_SUPPORTED, setXattr(dir, "system.posix_acl_access", "x"));
    RemoveXattrRequest removal =
        RemoveXattrRequest.newBuilder()
            .setInode(dir)
            .setName(ByteString.copyFromUtf8("user.cairn.chunk_size"))
            .build();
    var unused = core.run((view, now) -> xattrs.remove(view, removal, now));
    assertEquals(4096, create(entry(dir, "g", FileType.REGULAR)).getChunkSize());
  }

  @Test
  void theChunkSize_ofAFileThatHasBytesIsFixed() throws CairnException {
    long file = file("f");
    assertNull(setXattr(file, "user.cairn.chunk_size", "8K"));
    SetAttributesRequest longer =
        SetAttributesRequest.newBuilder().setInode(file).setSize(1).build();
    var unused = core.run((view, now) -> attributes.set(view, longer, now));
    assertEquals(ErrorCode.INVALID, setXattr(file, "user.cairn.chunk_size", "16K"));
    assertNull(setXattr(file, "user.cairn.chunk_size", "8K"));
  }

  @Test
  void extentsThatContinueEachOther_areOne() throws CairnException {
    long file = file("f");
    long id = grant(1);
    run(commit(file).addExtents(extent(0, 10, id, 0)).addChunks(chunk(id, 10, false)));
    run(commit(file).addExtents(extent(10, 5, id, 10)).addChunks(chunk(id, 15, true)));
    assertEquals(List.of(new ExtentRow(0, 15, id, 0)), extents(file));
    assertEquals(1, core.view().chunk(id).references());
    StateCheck.check(core.tables());
  }

  @Test
  void aCommit_mayUseOnlyItsSessionsChunksOrThoseOfTheFile() throws CairnException {
    long file = file("f");
    long other = file("g");
    long id = grant(1);
    run(commit(file).addExtents(extent(0, 10, id, 0)).addChunks(chunk(id, 10, true)));
    CommitRequest.Builder again = commit(file).addExtents(extent(50, 10, id, 0));
    run(again);
    assertEquals(ErrorCode.INVALID, refusal(again.clone().setInode(other)));
    long free = id + 5;
    assertEquals(
        ErrorCode.INVALID,
        refusal(commit(file).addExtents(extent(0, 1, free, 0)).addChunks(chunk(free, 1, true))));
    assertNull(core.view().grantOf(session.getId(), id), "a used-up grant is gone");
  }

  @Test
  void aCommit_isRefusedWhenItsExtentsCannotBe() throws CairnException {
    long file = file("f");
    long id = grant(1);
    assertEquals(
        ErrorCode.INVALID,
        refusal(commit(file).addExtents(extent(0, 11, id, 0)).addChunks(chunk(id, 10, false))));
    assertEquals(
        ErrorCode.INVALID,
        refusal(commit(file).addExtents(extent(0, 0, id, 0)).addChunks(chunk(id, 10, false))));
    assertEquals(
        ErrorCode.INVALID,
        refusal(commit(file).addExtents(extent(0, 9, id, 0)).addChunks(chunk(id, 4097, false))));
    assertEquals(
        ErrorCode.FILE_TOO_BIG,
        refusal(
            commit(file)
                .addExtents(extent(Long.MAX_VALUE - 3, 9, id, 0))
                .addChunks(chunk(id, 10, false))));
    assertEquals(
        ErrorCode.INVALID,
        refusal(commit(file).addChunks(chunk(id, 10, false).toBuilder().clearServerIds().build())));
    assertEquals(0, get(file).getSize());
  }

  @Test
  void aChunkThatIsGarbage_cannotBeCommittedAgain() throws CairnException {
    long file = file("f");
    long id = grant(2);
    run(commit(file).addChunks(chunk(id, 10, true)));
    assertNotNull(core.view().garbageSince(id));
    assertEquals(
        ErrorCode.INVALID,
        refusal(commit(file).addExtents(extent(0, 9, id, 0)).addChunks(chunk(id, 10, true))));
  }

  @Test
  void aChunkStillBeingWritten_isNoGarbageBeforeItsSessionEnds() throws CairnException {
    long file = file("f");
    long id = grant(1);
    run(commit(file).addExtents(extent(0, 10, id, 0)).addChunks(chunk(id, 10, false)));
    SetAttributesRequest empty =
        SetAttributesRequest.newBuilder().setInode(file).setSize(0).build();
    var truncated = core.run((view, now) -> attributes.set(view, empty, now));
    assertEquals(0, truncated.getAttributes().getAllocated());
    assertNull(core.view().garbageSince(id));
    boolean ended = core.run((view, now) -> SessionDecider.end(view, session.getId()));
    assertTrue(ended);
    assertEquals(session.getId(), reapedGrant());
    assertEquals(0, reapedGrant());
    assertNotNull(core.view().garbageSince(id));
    StateCheck.check(core.tables());
  }

  @Test
  void anAppend_beginsWhereTheFileEnds() throws CairnException {
    long file = file("f");
    long id = grant(1);
    CommitRequest.Builder append =
        commit(file)
            .setAppend(true)
            .setSizeAtLeast(10)
            .addExtents(extent(0, 10, id, 0))
            .addChunks(chunk(id, 10, false));
    assertEquals(0, run(append).getAppendOffset());
    CommitReply second = run(append);
    assertEquals(10, second.getAppendOffset());
    assertEquals(20, second.getAttributes().getSize());
  }

  @Test
  void aFileWithManyExtents_isEmptiedAtOnceAndTakenApartInSteps() throws CairnException {
    long file = file("f");
    int extents = 6000;
    long id = grant(1);
    CommitRequest.Builder request = commit(file).addChunks(chunk(id, 2, true));
    for (int i = 0; i < extents; i++) {
      request.addExtents(extent(2L * i, 1, id, i % 2));
    }
    run(request);
    SetAttributesRequest empty =
        SetAttributesRequest.newBuilder().setInode(file).setSize(0).build();
    Attributes emptied = core.run((view, now) -> attributes.set(view, empty, now)).getAttributes();
    assertEquals(0, emptied.getSize() + emptied.getAllocated());
    assertEquals(List.of(), extents(file));
    StateCheck.check(core.tables());
    List<Orphan> orphans = new ArrayList<>();
    core.view().orphans(orphans::add);
    Orphan map = orphans.get(0);
    assertFalse(reaped(map));
    StateCheck.check(core.tables());
    assertTrue(reaped(map));
    StateCheck.check(core.tables());
    assertNotNull(core.view().garbageSince(id));
    assertNotNull(core.view().inode(file));
  }

  @Test
  void aClone_sharesChunksAndRefusesChunksTooLongForTheTarget() throws CairnException {
    long source = file("f");
    long id = grant(1);
    run(commit(source).addExtents(extent(0, 4000, id, 0)).addChunks(chunk(id, 4000, true)));
    long target = file("g");
    CloneRangeRequest request =
        CloneRangeRequest.newBuilder()
            .setSourceInode(source)
            .setSourceOffset(100)
            .setTargetInode(target)
            .setTargetOffset(1)
            .setLength(1 << 20)
            .build();
    Attributes cloned = core.run((view, now) -> ranges.clone(view, request, now)).getAttributes();
    assertEquals(3901, cloned.getSize());
    assertEquals(List.of(new ExtentRow(1, 3901, id, 100)), extents(target));
    assertEquals(2, core.view().chunk(id).references());
    long small = file("s");
    assertNull(setXattr(small, "user.cairn.chunk_size", "2K"));
    assertEquals(
        ErrorCode.CROSS_DEVICE,
        core.refusal(
            (view, now) ->
                ranges.clone(view, request.toBuilder().setTargetInode(small).build(), now)));
  }
}
