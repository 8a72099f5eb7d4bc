package dev.cairn.master.fsck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.master.Founder;
import dev.cairn.master.Founding;
import dev.cairn.master.ManualTime;
import dev.cairn.master.decide.CommitDecider;
import dev.cairn.master.decide.CreateDecider;
import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.decide.GrantDecider;
import dev.cairn.master.decide.MendDecider;
import dev.cairn.master.decide.RemoveDecider;
import dev.cairn.master.decide.StateCheck;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.Command;
import dev.cairn.master.log.StoreLog;
import dev.cairn.master.log.Writer;
import dev.cairn.master.record.proto.Chunk;
import dev.cairn.master.record.proto.ChunkServer;
import dev.cairn.master.record.proto.ChunksWritten;
import dev.cairn.master.record.proto.Dentry;
import dev.cairn.master.record.proto.DentryName;
import dev.cairn.master.record.proto.ExtentsChanged;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.MarkedReplica;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.CheckPage;
import dev.cairn.rpc.proto.CheckRequest;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.Finding;
import dev.cairn.rpc.proto.FindingKind;
import dev.cairn.rpc.proto.RemoveRequest;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.WrittenChunk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each kind of damage is found, and what can be is put right. */
@Timeout(60)
final class CheckRunTest {

  private static final Defaults DEFAULTS = new Defaults(4096, 2, 60);
  private static final long ROOT = MetadataView.ROOT;
  private static final long SESSION = 5;

  /** So few at a time that every count takes several parts. */
  private static final int PART = 2;

  private final MemoryStore store = new MemoryStore();
  private final MetadataView view = new MetadataView(store);
  private ReplicaMap replicas;
  private Writer writer;
  private Fleet fleet;
  private long directory;
  private long file;
  private long firstChunk;

  @BeforeEach
  void makeAHealthyTree() throws Exception {
    StoreLog log = new StoreLog(store);
    String unused = Founding.found(store, log, "test", Founder.ROOT, 1);
    Throwable[] fatal = {null};
    writer = new Writer(store, log, Time.system(), record -> {}, e -> fatal[0] = e);
    writer.start();
    fleet = new Fleet(view, Duration.ofSeconds(10), 0);
    replicas = new ReplicaMap(view, fleet, new ManualTime(), Duration.ofSeconds(20));
    for (int server = 1; server <= 2; server++) {
      fleet.registered(server(server), List.of(), 0, 0);
      fleet.reported(server);
    }
    directory = make(ROOT, "d", FileType.DIRECTORY);
    file = make(directory, "f", FileType.REGULAR);
    long other = make(ROOT, "g", FileType.REGULAR);
    long gone = make(ROOT, "gone", FileType.REGULAR);
    RequestContext context = RequestContext.newBuilder().setSessionId(SESSION).build();
    AllocateChunksRequest three =
        AllocateChunksRequest.newBuilder().setContext(context).setCount(5).build();
    firstChunk =
        run((now, time) -> GrantDecider.grant(now, three, List.of())).getGrant().getFirstChunkId();
    write(context, file, 0, firstChunk);
    write(context, file, 4096, firstChunk + 1);
    write(context, file, 10_000, firstChunk + 2);
    write(context, other, 0, firstChunk + 3);
    write(context, gone, 0, firstChunk + 4);
    RemoveRequest remove =
        RemoveRequest.newBuilder().setParent(ROOT).setName(bytes("gone")).build();
    run((now, time) -> new RemoveDecider(DEFAULTS).remove(now, remove, time));
  }

  @AfterEach
  void stop() throws InterruptedException {
    writer.stop();
  }

  private static ChunkServer server(int id) {
    return ChunkServer.newBuilder().setId(id).setHost("localhost").setDataPort(id).build();
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private <R> R run(Command<R> command) throws Exception {
    CompletableFuture<R> outcome = new CompletableFuture<>();
    writer.submit(
        command,
        new Answer<R>() {
          @Override
          public void granted(R reply) {
            outcome.complete(reply);
          }

          @Override
          public void refused(CairnException why) {
            outcome.completeExceptionally(why);
          }
        });
    try {
      return outcome.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (CairnException) e.getCause();
    }
  }

  private void damage(Record record) throws Exception {
    run((now, time) -> new Decision<>(List.of(record), true));
  }

  private void damage(long inode, UnaryOperator<Attributes.Builder> how) throws Exception {
    Inode row = view.inode(inode);
    damage(
        Record.newBuilder()
            .setInodeChanged(
                row.toBuilder().setAttributes(how.apply(row.getAttributes().toBuilder())))
            .build());
  }

  private long make(long parent, String name, FileType type) throws Exception {
    CreateRequest request =
        CreateRequest.newBuilder()
            .setParent(parent)
            .setName(bytes(name))
            .setType(type)
            .setPermissions(0755)
            .build();
    return run((now, time) -> new CreateDecider(DEFAULTS).create(now, request, time))
        .getAttributes()
        .getInode();
  }

  private void write(RequestContext context, long inode, long offset, long chunk) throws Exception {
    CommitRequest commit =
        CommitRequest.newBuilder()
            .setContext(context)
            .setInode(inode)
            .addExtents(Extent.newBuilder().setFileOffset(offset).setLength(1000).setChunkId(chunk))
            .addChunks(
                WrittenChunk.newBuilder()
                    .setChunkId(chunk)
                    .setLength(1000)
                    .setReplicas(2)
                    .setSealed(true)
                    .addServerIds(1))
            .build();
    run((now, time) -> new CommitDecider(DEFAULTS).commit(now, commit, time));
    replicas.reported(chunk, 1, 2);
    replicas.reported(chunk, 2, 2);
  }

  private List<Finding> check(String path, boolean repair) throws CairnException {
    List<Finding> found = new ArrayList<>();
    boolean[] ended = {false};
    Checks.Pages pages =
        new Checks.Pages() {
          @Override
          public void take(CheckPage page) {
            found.addAll(page.getFindingsList());
            ended[0] = page.getEnd();
          }

          @Override
          public void failed(CairnException why) {
            throw new AssertionError(why);
          }
        };
    CheckRequest request = CheckRequest.newBuilder().setPath(bytes(path)).setRepair(repair).build();
    new CheckRun(
            new CheckRun.Surroundings(store, writer, fleet, replicas, DEFAULTS, PART),
            request,
            pages)
        .run();
    assertTrue(ended[0], "the last page");
    return found;
  }

  /** The only finding, which has no repair and is still there after one was asked for. */
  private Finding foundForGood(FindingKind kind) throws CairnException {
    Finding found = only(kind, check("", true));
    assertEquals(false, found.getRepairable() || found.getRepaired());
    assertEquals(found, only(kind, check("", false)));
    return found;
  }

  private static Finding only(FindingKind kind, List<Finding> found) {
    assertEquals(1, found.size(), found.toString());
    assertEquals(kind, found.get(0).getKind());
    return found.get(0);
  }

  /** The only finding, which a check with repair puts right: after it all is as it should be. */
  private Finding foundAndRepaired(FindingKind kind) throws CairnException {
    Finding found = only(kind, check("", false));
    assertTrue(found.getRepairable() && !found.getRepaired(), found.toString());
    assertTrue(only(kind, check("", true)).getRepaired());
    assertEquals(List.of(), check("", false));
    StateCheck.check(store);
    return found;
  }

  @Test
  void healthyCluster_hasNoFindings() throws Exception {
    StateCheck.check(store);
    assertEquals(List.of(), check("", false));
    assertEquals(List.of(), check("/d/f", false));
  }

  @Test
  void pathThatIsNotThere_isRefused() {
    CairnException refused = assertThrows(CairnException.class, () -> check("/d/none", false));
    assertEquals(ErrorCode.NO_ENTRY, refused.code());
  }

  @Test
  void nameOfNothing_isFound_andRemoved() throws Exception {
    damage(ROOT, root -> root.setSize(root.getSize() + 1));
    damage(
        Record.newBuilder()
            .setDentryWritten(
                Dentry.newBuilder()
                    .setParent(ROOT)
                    .setName(bytes("x"))
                    .setInode(999)
                    .setType(FileType.REGULAR))
            .build());
    assertEquals("/x", foundAndRepaired(FindingKind.DANGLING_NAME).getPath().toStringUtf8());
  }

  @Test
  void nameOfAnotherType_isFound_andCorrected() throws Exception {
    Dentry name = view.dentry(directory, bytes("f"));
    damage(
        Record.newBuilder().setDentryWritten(name.toBuilder().setType(FileType.SYMLINK)).build());
    assertEquals("/d/f", foundAndRepaired(FindingKind.WRONG_TYPE).getPath().toStringUtf8());
  }

  @Test
  void directoryThatIsSomewhereElse_isFound_andCorrected() throws Exception {
    damage(
        Record.newBuilder()
            .setInodeChanged(view.inode(directory).toBuilder().setName(bytes("old")))
            .build());
    assertEquals("/d", foundAndRepaired(FindingKind.WRONG_PARENT).getPath().toStringUtf8());
  }

  @Test
  void wrongNumberOfLinks_isFoundWithAPath_andCounted() throws Exception {
    damage(file, attributes -> attributes.setLinks(3));
    Finding found = foundAndRepaired(FindingKind.WRONG_COUNT);
    assertEquals("/d/f", found.getPath().toStringUtf8());
    assertEquals("it has 1 names, and 3 links", found.getWhat());
  }

  @Test
  void wrongNumberOfEntries_isFound_andCounted() throws Exception {
    damage(directory, attributes -> attributes.setSize(7).setLinks(5));
    assertEquals("/d", foundAndRepaired(FindingKind.WRONG_COUNT).getPath().toStringUtf8());
  }

  @Test
  void wrongNumberOfAllocatedBytes_isFound_andCounted() throws Exception {
    damage(file, attributes -> attributes.setAllocated(1));
    assertEquals("/d/f", foundAndRepaired(FindingKind.WRONG_COUNT).getPath().toStringUtf8());
  }

  @Test
  void fileThatLostItsName_getsOneInLostAndFound() throws Exception {
    damage(
        Record.newBuilder()
            .setDentryRemoved(DentryName.newBuilder().setParent(directory).setName(bytes("f")))
            .build());
    damage(directory, attributes -> attributes.setSize(0));
    Finding unused = foundAndRepaired(FindingKind.LOST_INODE);
    long place = view.dentry(ROOT, MendDecider.LOST_AND_FOUND).getInode();
    assertEquals(file, view.dentry(place, bytes("inode-" + file)).getInode());
  }

  @Test
  void directoryThatLostItsName_getsOneInLostAndFound_withAllBelow() throws Exception {
    damage(
        Record.newBuilder()
            .setDentryRemoved(DentryName.newBuilder().setParent(ROOT).setName(bytes("d")))
            .build());
    damage(ROOT, root -> root.setSize(root.getSize() - 1).setLinks(root.getLinks() - 1));
    Finding unused = foundAndRepaired(FindingKind.LOST_INODE);
    assertEquals(List.of(), check("/lost+found/inode-" + directory + "/f", false));
  }

  @Test
  void deletedInodeThatNothingTakesApart_isFound_andTakenApart() throws Exception {
    damage(
        Record.newBuilder()
            .setInodeCreated(
                Inode.newBuilder()
                    .setAttributes(
                        Attributes.newBuilder().setInode(77).setType(FileType.FIFO).setLinks(0)))
            .build());
    Finding unused = foundAndRepaired(FindingKind.LEAKED_INODE);
  }

  @Test
  void extentsOfNoFile_areFound_andTakenApart() throws Exception {
    damage(
        Record.newBuilder()
            .setExtentsChanged(
                ExtentsChanged.newBuilder()
                    .setExtentMap(500)
                    .addWritten(Extent.newBuilder().setLength(10).setChunkId(firstChunk)))
            .build());
    damageReferences(firstChunk, 1);
    Finding unused = foundAndRepaired(FindingKind.WRONG_EXTENT_MAP);
  }

  private void damageReferences(long chunk, int by) throws Exception {
    ChunkRow row = view.chunk(chunk);
    damage(
        Record.newBuilder()
            .setChunksWritten(
                ChunksWritten.newBuilder()
                    .addChunks(
                        Chunk.newBuilder()
                            .setId(chunk)
                            .setReferences(row.references() + by)
                            .setLength(row.length())
                            .setReplicas(row.replicas())
                            .setSealed(row.sealed())))
            .build());
  }

  @Test
  void wrongNumberOfReferences_isFound_andCountedAnew() throws Exception {
    damageReferences(firstChunk + 3, -1);
    Finding found = foundAndRepaired(FindingKind.WRONG_REFERENCES);
    assertEquals(firstChunk + 3, found.getChunkId());
    damageReferences(firstChunk + 2, 4);
    assertEquals(firstChunk + 2, foundAndRepaired(FindingKind.WRONG_REFERENCES).getChunkId());
  }

  @Test
  void repairOfACount_isRight_whateverWasDoneSinceItWasCounted() throws Exception {
    damageReferences(firstChunk + 3, 4);
    // One of the extents goes between the check, which counted 4 too many, and the repair.
    RemoveRequest remove = RemoveRequest.newBuilder().setParent(ROOT).setName(bytes("g")).build();
    run((now, time) -> new RemoveDecider(DEFAULTS).remove(now, remove, time));
    run((now, time) -> MendDecider.correctReferences(now, firstChunk + 3, -4, time));
    assertEquals(List.of(), check("", false));
    StateCheck.check(store);
  }

  @Test
  void extentBehindTheEndOfTheFile_isFound() throws Exception {
    damage(file, attributes -> attributes.setSize(10_500));
    Finding found = foundForGood(FindingKind.BAD_EXTENT);
    assertEquals("the extent at bytes 10000 to 10999 lies behind the end", found.getWhat());
  }

  @Test
  void extentBehindTheEndOfItsChunk_isFound() throws Exception {
    ChunkRow row = view.chunk(firstChunk + 1);
    damage(
        Record.newBuilder()
            .setChunksWritten(
                ChunksWritten.newBuilder()
                    .addChunks(
                        Chunk.newBuilder()
                            .setId(firstChunk + 1)
                            .setReferences(row.references())
                            .setLength(500)
                            .setReplicas(2)
                            .setSealed(true)))
            .build());
    Finding found = foundForGood(FindingKind.NO_CHUNK_OF_EXTENT);
    assertTrue(found.getWhat().startsWith("bytes 4096 to 5095 are in what is behind the end"));
  }

  @Test
  void chunkWithoutReplicas_isLostData_withItsPlaceInTheFile() throws Exception {
    replicas.deleted(firstChunk + 1);
    Finding found = foundForGood(FindingKind.LOST_DATA);
    assertEquals("/d/f", found.getPath().toStringUtf8());
    assertTrue(
        found.getWhat().startsWith("1000 bytes cannot be read, the first at 4096"),
        found.getWhat());
    assertTrue(found.getAdvice().startsWith("no chunk server is dead"), found.getAdvice());
    assertEquals(found, only(FindingKind.LOST_DATA, check("/d", false)));
    assertEquals(List.of(), check("/g", false));
  }

  @Test
  void chunkWithoutReplicas_mayBeOnADeadServer() throws Exception {
    replicas.deleted(firstChunk + 1);
    fleet.registered(server(3), List.of(), 0, 0);
    fleet.reported(3);
    long later = TimeUnit.SECONDS.toNanos(20);
    assertTrue(fleet.heard(1, List.of(), 2, 0, later));
    assertTrue(fleet.heard(2, List.of(), 2, 0, later));
    fleet.buryTheSilent(later);
    String advice = foundForGood(FindingKind.LOST_DATA).getAdvice();
    assertTrue(advice.startsWith("start the chunk servers that are dead"), advice);
  }

  @Test
  void chunkOfWhichAllReplicasAreBad_isDamaged_andNotLost() throws Exception {
    ReplicaMap.Aftermath unused = replicas.lost(1, List.of(firstChunk + 1), 0);
    MarkedReplica mark =
        MarkedReplica.newBuilder()
            .setChunk(firstChunk + 1)
            .setServer(2)
            .setReason("block 0 rotted")
            .build();
    replicas.marked(mark);
    damage(Record.newBuilder().setBadReplicaMarked(mark).build());
    Finding found = foundForGood(FindingKind.BAD_REPLICAS);
    assertEquals(
        "1 replica is bad, the last on server 2: block 0 rotted; of 1000 bytes, the first at 4096,"
            + " there is no good replica",
        found.getWhat());
    assertTrue(found.getAdvice().contains("fsck --read"), found.getAdvice());
  }

  @Test
  void chunkWithTooFewReplicas_isFound() throws Exception {
    ReplicaMap.Aftermath unused = replicas.lost(2, List.of(firstChunk), 0);
    assertEquals("1 chunk has too few replicas", foundForGood(FindingKind.FEW_REPLICAS).getWhat());
  }

  @Test
  void replicaMarkedAsBad_isFound_andSaysWhere() throws Exception {
    MarkedReplica mark =
        MarkedReplica.newBuilder()
            .setChunk(firstChunk)
            .setServer(2)
            .setReason("block 0 rotted")
            .build();
    damage(Record.newBuilder().setBadReplicaMarked(mark).build());
    assertEquals(
        "1 replica is bad, the last on server 2: block 0 rotted",
        foundForGood(FindingKind.BAD_REPLICAS).getWhat());
  }

  @Test
  void replicas_areLeftOut_whileAServerHasYetToReport() throws Exception {
    replicas.deleted(firstChunk + 1);
    fleet.registered(server(3), List.of(), 0, 0);
    assertEquals(List.of(), check("", false));
  }
}
