package dev.cairn.master.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.RemoveRequest;
import dev.cairn.rpc.proto.RenameRequest;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.RestoreTrashReply;
import dev.cairn.rpc.proto.RestoreTrashRequest;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.proto.SetAttributesRequest;
import dev.cairn.rpc.proto.SetXattrRequest;
import dev.cairn.rpc.proto.TrashOutcome;
import dev.cairn.rpc.proto.WrittenChunk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was deleted can be brought back, and goes in the right order. */
final class TrashTest {

  private static final Defaults DEFAULTS = new Defaults(4096, 2, 60);
  private static final long ROOT = MetadataView.ROOT;

  private DecisionCore core;

  @BeforeEach
  void found() throws IOException {
    core = new DecisionCore(new MemoryStore());
  }

  @AfterEach
  void check() {
    StateCheck.check(core.tables());
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private long make(long parent, String name, FileType type) throws CairnException {
    CreateRequest request =
        CreateRequest.newBuilder()
            .setParent(parent)
            .setName(bytes(name))
            .setType(type)
            .setPermissions(0640)
            .setUid(7)
            .build();
    return core.run((view, now) -> new CreateDecider(DEFAULTS).create(view, request, now))
        .getAttributes()
        .getInode();
  }

  private void remove(long parent, String name, boolean directory) throws CairnException {
    RemoveRequest request =
        RemoveRequest.newBuilder()
            .setParent(parent)
            .setName(bytes(name))
            .setDirectory(directory)
            .build();
    core.run((view, now) -> new RemoveDecider(DEFAULTS).remove(view, request, now));
  }

  private List<Integer> restore(RestoreTrashRequest.Builder request) throws CairnException {
    return core
        .run((view, now) -> RestoreDecider.restore(view, request.build(), now))
        .getOutcomesList()
        .stream()
        .map(outcome -> outcome.getCode())
        .toList();
  }

  private List<Integer> restore(Long... inodes) throws CairnException {
    return restore(RestoreTrashRequest.newBuilder().addAllInodes(List.of(inodes)));
  }

  private long inode(long parent, String name) {
    return core.view().dentry(parent, bytes(name)).getInode();
  }

  private List<Long> trash() {
    List<Long> all = new ArrayList<>();
    core.view().trashFrom(0, 0, (until, inode) -> all.add(inode));
    return all;
  }

  @Test
  void unlinking_takesOneRecordLessThanDeletingAtOnce() throws CairnException {
    long file = make(ROOT, "f", FileType.REGULAR);
    RemoveRequest request = RemoveRequest.newBuilder().setParent(ROOT).setName(bytes("f")).build();
    List<Record> records =
        new RemoveDecider(DEFAULTS).remove(core.view(), request, core.now()).records();
    assertEquals(3, records.size());
    remove(ROOT, "f", false);
    assertEquals(List.of(file), trash());
  }

  @Test
  void restored_isTheSameInodeWithTheSameAttributes() throws CairnException {
    long file = make(ROOT, "f", FileType.REGULAR);
    Inode before = core.view().inode(file);
    remove(ROOT, "f", false);
    assertEquals(List.of(0), restore(file));
    Inode after = core.view().inode(file);
    long ctime = after.getAttributes().getCtime();
    assertTrue(ctime > before.getAttributes().getCtime());
    assertEquals(before.getAttributes().toBuilder().setCtime(ctime).build(), after.getAttributes());
    assertEquals(file, inode(ROOT, "f"));
    assertEquals(List.of(), trash());
  }

  @Test
  void restoredTree_hasTheTimesItsDirectoriesHadBeforeTheyWereEmptied() throws CairnException {
    long top = make(ROOT, "top", FileType.DIRECTORY);
    long sub = make(top, "sub", FileType.DIRECTORY);
    long file = make(sub, "f", FileType.REGULAR);
    long other = make(sub, "g", FileType.FIFO);
    touch(top, 1000);
    touch(sub, 2000);
    remove(sub, "f", false);
    remove(sub, "g", false);
    remove(top, "sub", true);
    remove(ROOT, "top", true);
    assertEquals(List.of(0, 0, 0, 0), restore(file, other, sub, top));
    assertEquals(1000, core.view().inode(top).getAttributes().getMtime());
    assertEquals(2000, core.view().inode(sub).getAttributes().getMtime());
    assertEquals(file, inode(inode(inode(ROOT, "top"), "sub"), "f"));
    make(sub, "h", FileType.REGULAR);
    assertEquals(core.now(), core.view().inode(sub).getAttributes().getMtime());
  }

  private void touch(long inode, long mtime) throws CairnException {
    SetAttributesRequest request =
        SetAttributesRequest.newBuilder().setInode(inode).setMtime(mtime).build();
    core.run((view, now) -> new AttributeDecider(DEFAULTS).set(view, request, now));
  }

  @Test
  void replacedByRename_canBeRestoredElsewhere() throws CairnException {
    long old = make(ROOT, "f", FileType.REGULAR);
    long fresh = make(ROOT, "f.new", FileType.REGULAR);
    RenameRequest rename =
        RenameRequest.newBuilder()
            .setParent(ROOT)
            .setName(bytes("f.new"))
            .setNewParent(ROOT)
            .setNewName(bytes("f"))
            .build();
    core.run((view, now) -> new RenameDecider(DEFAULTS).rename(view, rename, now));
    assertEquals(List.of(old), trash());
    assertEquals(List.of(ErrorCode.EXISTS.number()), restore(old));
    assertEquals(
        List.of(0),
        restore(
            RestoreTrashRequest.newBuilder()
                .addInodes(old)
                .setToParent(ROOT)
                .setToName(bytes("f.old"))));
    assertEquals(fresh, inode(ROOT, "f"));
    assertEquals(old, inode(ROOT, "f.old"));
  }

  @Test
  void whatWasInADirectoryThatWasMadeAgain_goesIntoTheNewOne() throws CairnException {
    long old = make(ROOT, "d", FileType.DIRECTORY);
    long file = make(old, "f", FileType.REGULAR);
    remove(old, "f", false);
    remove(ROOT, "d", true);
    long fresh = make(ROOT, "d", FileType.DIRECTORY);
    assertEquals(List.of(0), restore(file));
    assertEquals(file, inode(fresh, "f"));
  }

  @Test
  void newestOnly_leavesOlderVersions() throws CairnException {
    long older = make(ROOT, "f", FileType.REGULAR);
    remove(ROOT, "f", false);
    long newer = make(ROOT, "f", FileType.REGULAR);
    remove(ROOT, "f", false);
    RestoreTrashRequest request =
        RestoreTrashRequest.newBuilder()
            .addInodes(older)
            .addInodes(newer)
            .setNewestOnly(true)
            .build();
    RestoreTrashReply reply = core.run((view, now) -> RestoreDecider.restore(view, request, now));
    assertTrue(reply.getOutcomes(0).getOlder());
    assertEquals(TrashOutcome.newBuilder().setInode(newer).build(), reply.getOutcomes(1));
    assertEquals(List.of(older), trash());
  }

  @Test
  void whatIsNotInTheTrash_isNotRestored() throws CairnException {
    List<Integer> notThere = List.of(ErrorCode.NO_ENTRY.number());
    long file = make(ROOT, "f", FileType.REGULAR);
    remove(ROOT, "f", false);
    assertEquals(List.of(0), restore(file));
    assertEquals(notThere, restore(file));
    RestoreTrashRequest.Builder elsewhere =
        RestoreTrashRequest.newBuilder().addInodes(file).setToParent(ROOT).setToName(bytes("g"));
    assertEquals(notThere, restore(elsewhere));
    assertEquals(notThere, restore(ROOT));
    assertEquals(notThere, restore(99L));
  }

  @Test
  void directoryThatCameBackForWhatWasInIt_isNoErrorOfATree() throws CairnException {
    long directory = make(ROOT, "d", FileType.DIRECTORY);
    long file = make(directory, "f", FileType.REGULAR);
    remove(directory, "f", false);
    remove(ROOT, "d", true);
    assertEquals(List.of(0, 0), restore(file, directory));
    RestoreTrashRequest.Builder tree =
        RestoreTrashRequest.newBuilder().addInodes(directory).setNewestOnly(true);
    assertEquals(List.of(0), restore(tree));
  }

  @Test
  void keptForNoTime_isDeletedAtOnce_unlessItLeadsToTrash() throws CairnException {
    long directory = make(ROOT, "d", FileType.DIRECTORY);
    long kept = make(directory, "kept", FileType.REGULAR);
    set(directory, "0");
    make(directory, "f", FileType.REGULAR);
    remove(directory, "f", false);
    assertEquals(List.of(), trash());
    remove(directory, "kept", false);
    remove(ROOT, "d", true);
    assertEquals(List.of(directory, kept), trash());
  }

  private void set(long inode, String value) throws CairnException {
    SetXattrRequest request =
        SetXattrRequest.newBuilder()
            .setInode(inode)
            .setName(bytes("user.cairn.trash"))
            .setValue(bytes(value))
            .build();
    core.run((view, now) -> new XattrDecider(DEFAULTS).set(view, request, now));
  }

  @Test
  void whatIsKeptTheShortest_goesFirst_andDirectoriesLast() throws CairnException {
    long directory = make(ROOT, "d", FileType.DIRECTORY);
    set(directory, "1s");
    long brief = make(directory, "brief", FileType.REGULAR);
    long longer = make(directory, "longer", FileType.REGULAR);
    set(longer, "7d");
    remove(directory, "longer", false);
    remove(directory, "brief", false);
    remove(ROOT, "d", true);
    letGo(core.now() + 2_000_000_000L);
    assertFalse(isTrashed(brief));
    assertEquals(List.of(longer, directory), trash());
    letGo(Long.MAX_VALUE);
    letGo(Long.MAX_VALUE);
    assertEquals(List.of(), trash());
    assertEquals(0, core.view().number(Meta.TRASH_COUNT));
  }

  private boolean isTrashed(long inode) {
    return core.view().isTrashed(core.view().inode(inode));
  }

  private void letGo(long until) throws CairnException {
    core.run((view, now) -> TrashDecider.letGo(view, until, Long.MAX_VALUE, now));
  }

  @Test
  void emptying_takesDirectoriesWithAllThatWasInThem() throws CairnException {
    long directory = make(ROOT, "d", FileType.DIRECTORY);
    long file = make(directory, "f", FileType.REGULAR);
    remove(directory, "f", false);
    remove(ROOT, "d", true);
    assertEquals(0, empty(directory));
    assertEquals(2, empty(file, directory));
    assertEquals(0, empty(file, directory));
  }

  private int empty(Long... inodes) throws CairnException {
    return core.run((view, now) -> TrashDecider.empty(view, List.of(inodes), now)).getGone();
  }

  @Test
  void temporaryFile_whichGetsItsBytesAfterItsDeletion_isNotKept() throws CairnException {
    long file = make(ROOT, "tmp", FileType.REGULAR);
    remove(ROOT, "tmp", false);
    assertEquals(List.of(file), trash());
    write(file);
    assertEquals(List.of(), trash());
    assertFalse(isTrashed(file));
    write(file);
  }

  private void write(long file) throws CairnException {
    Session session = core.run((view, now) -> SessionDecider.open(view, "writer", "", 1));
    RequestContext context =
        RequestContext.newBuilder().setSessionId(session.getId()).setEpoch(1).build();
    AllocateChunksRequest request =
        AllocateChunksRequest.newBuilder().setContext(context).setCount(1).build();
    long chunk =
        core.run(
                (view, now) ->
                    GrantDecider.grant(
                        view, request, List.of(ServerAddress.newBuilder().setServerId(1).build())))
            .getGrant()
            .getFirstChunkId();
    CommitRequest commit =
        CommitRequest.newBuilder()
            .setContext(context)
            .setInode(file)
            .addExtents(Extent.newBuilder().setLength(5).setChunkId(chunk))
            .addChunks(
                WrittenChunk.newBuilder()
                    .setChunkId(chunk)
                    .setLength(5)
                    .setReplicas(2)
                    .setSealed(true)
                    .addServerIds(1))
            .build();
    core.run((view, now) -> new CommitDecider(DEFAULTS).commit(view, commit, now));
  }

  @Test
  void openFile_isWrittenToInTheTrash_andComesBackWithAllOfIt() throws CairnException {
    long file = make(ROOT, "f", FileType.REGULAR);
    write(file);
    remove(ROOT, "f", false);
    write(file);
    assertTrue(isTrashed(file));
    assertEquals(List.of(0), restore(file));
    assertEquals(3, core.view().inode(file).getAttributes().getDataVersion());
  }
}
