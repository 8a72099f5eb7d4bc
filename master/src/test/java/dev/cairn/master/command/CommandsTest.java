package dev.cairn.master.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.master.ManualTime;
import dev.cairn.master.decide.CommitDecider;
import dev.cairn.master.decide.CreateDecider;
import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.DecisionCore;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.decide.GrantDecider;
import dev.cairn.master.decide.SessionDecider;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.Command;
import dev.cairn.master.log.StoreLog;
import dev.cairn.master.log.Writer;
import dev.cairn.master.record.proto.ChunkServer;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.ReplicasWritten;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.session.LiveLeases;
import dev.cairn.master.session.LiveLocks;
import dev.cairn.master.session.LiveSession;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.session.SessionRoom;
import dev.cairn.master.session.SessionSettings;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.ChunkReplica;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.EntryReply;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.KeepAliveRequest;
import dev.cairn.rpc.proto.OpenSessionRequest;
import dev.cairn.rpc.proto.RegisterRequest;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.proto.WrittenChunk;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Deciding a command changes nothing, in memory neither: it can be decided again. */
final class CommandsTest {

  private static final Defaults DEFAULTS = new Defaults(1 << 20, 2);
  private static final long INCARNATION = 9;

  private final ManualTime time = new ManualTime();
  private final MemoryStore store = new MemoryStore();
  private DecisionCore core;
  private LiveSessions sessions;
  private Fleet fleet;
  private ReplicaMap replicas;
  private LiveSession session;

  @BeforeEach
  void oneSessionAndOneServer() throws CairnException, IOException {
    core = new DecisionCore(store);
    Session row = core.run((view, now) -> SessionDecider.open(view, "test", "", 1));
    // As if the master had started since.
    sessions = new LiveSessions(core.view(), SessionSettings.of(Duration.ofSeconds(20)), 0);
    session = sessions.get(row.getId());
    ChunkServer server =
        ChunkServer.newBuilder().setId(1).setUuid("u").setHost("h").setDataPort(1).build();
    core.apply(Record.newBuilder().setServerRegistered(server).build());
    fleet = new Fleet(core.view(), Duration.ofSeconds(10), 0);
    replicas = new ReplicaMap(core.view(), fleet, time, Duration.ofSeconds(20));
    fleet.registered(server, List.of(), 0, 0);
  }

  /** Decides a command twice, which comes to the same. */
  private <R> Decision<R> decide(Command<R> command) throws CairnException {
    Decision<R> first = command.decide(core.view(), core.now());
    assertEquals(first.records(), command.decide(core.view(), core.now()).records());
    return first;
  }

  private <R> R grant(Command<R> command) throws CairnException {
    R reply = core.run(command::decide);
    command.granted(reply);
    return reply;
  }

  private RequestContext context() {
    return RequestContext.newBuilder().setSessionId(session.id()).setEpoch(1).build();
  }

  private Create create(String name, boolean unnamed) {
    return new Create(
        new CreateDecider(DEFAULTS),
        sessions,
        CreateRequest.newBuilder()
            .setContext(context())
            .setParent(MetadataView.ROOT)
            .setName(ByteString.copyFromUtf8(name))
            .setType(FileType.REGULAR)
            .setOpen(true)
            .setUnnamed(unnamed)
            .build());
  }

  @Test
  void create_opensTheInodeWhenItIsGranted() throws CairnException {
    Decision<EntryReply> decided = decide(create("", true));
    assertEquals(0, session.openCount());
    EntryReply made = grant(create("", true));
    assertEquals(decided.reply().getAttributes().getInode(), made.getAttributes().getInode());
    assertTrue(session.hasOpen(made.getAttributes().getInode()));
  }

  @Test
  void create_opensTheInode_beforeMemoryFollowsThatItIsAnOrphan() throws Exception {
    core.write();
    CompletableFuture<Integer> openThen = new CompletableFuture<>();
    Writer writer =
        new Writer(
            store,
            new StoreLog(store),
            time,
            record -> {
              if (record.hasOrphanAdded()) {
                openThen.complete(session.openCount());
              }
            },
            openThen::completeExceptionally);
    writer.start();
    try {
      writer.submit(create("", true), Answer.ignored());
      assertEquals(1, openThen.get(30, TimeUnit.SECONDS));
    } finally {
      writer.stop();
    }
  }

  @Test
  void commit_saysWhichServersHaveTheChunk_byARecord() throws CairnException {
    long file = grant(create("f", false)).getAttributes().getInode();
    AllocateChunksRequest one =
        AllocateChunksRequest.newBuilder().setContext(context()).setCount(1).build();
    List<ServerAddress> chain = List.of(ServerAddress.newBuilder().setServerId(1).build());
    long chunk =
        core.run((view, now) -> GrantDecider.grant(view, one, chain)).getGrant().getFirstChunkId();
    Commit first = commit(file, chunk, 10);
    assertEquals(written(chunk, false), lastRecord(decide(first)));
    grant(first);
    assertArrayEquals(new int[0], replicas.holders(chunk), "memory follows the record");
    assertEquals(written(chunk, true), lastRecord(decide(commit(file, chunk, 20))));
    assertEquals(written(chunk, false), lastRecord(decide(commit(file, chunk, 10))));
  }

  private Commit commit(long file, long chunk, int length) {
    return new Commit(
        new CommitDecider(DEFAULTS),
        replicas,
        CommitRequest.newBuilder()
            .setContext(context())
            .setInode(file)
            .addChunks(
                WrittenChunk.newBuilder()
                    .setChunkId(chunk)
                    .setLength(length)
                    .setReplicas(2)
                    .addServerIds(1))
            .addExtents(Extent.newBuilder().setLength(length).setChunkId(chunk))
            .build());
  }

  private static Record written(long chunk, boolean grown) {
    return Record.newBuilder()
        .setReplicasWritten(
            ReplicasWritten.newBuilder().setChunk(chunk).addServers(1).setGrown(grown))
        .build();
  }

  private static Record lastRecord(Decision<?> decision) {
    return decision.records().get(decision.records().size() - 1);
  }

  @Test
  void comeBack_opensFilesWhenItIsGranted() throws CairnException {
    ComeBack back =
        new ComeBack(
            sessions,
            INCARNATION,
            KeepAliveRequest.newBuilder()
                .setSessionId(session.id())
                .setEpoch(1)
                .setMasterIncarnation(INCARNATION)
                .addOpenInodes(7)
                .setOpenInodesComplete(true)
                .build());
    assertEquals(ComeBack.Outcome.BACK, decide(back).reply());
    assertFalse(session.isBack());
    assertEquals(ComeBack.Outcome.BACK, grant(back));
    assertTrue(session.isBack());
    assertTrue(session.hasOpen(7));
  }

  @Test
  void comeBack_toTheMasterBeforeItsStart_changesNothing() throws CairnException {
    ComeBack late =
        new ComeBack(
            sessions,
            INCARNATION,
            KeepAliveRequest.newBuilder().setSessionId(session.id()).setEpoch(1).build());
    assertEquals(ComeBack.Outcome.LATE, grant(late));
    assertFalse(session.isBack());
  }

  @Test
  void comeBack_ofOneThatWasGrantedMoreThanIsKnown_endsIt() throws CairnException {
    ComeBack back =
        new ComeBack(
            sessions,
            INCARNATION,
            KeepAliveRequest.newBuilder()
                .setSessionId(session.id())
                .setEpoch(1)
                .setMasterIncarnation(INCARNATION)
                .addGrantedRequests(5)
                .build());
    assertEquals(ComeBack.Outcome.ENDED, decide(back).reply());
    assertEquals(ComeBack.Outcome.ENDED, grant(back));
    assertEquals(null, core.view().session(session.id()));
  }

  @Test
  void openSession_whereThereIsNoRoom_endsAnotherOneEachTime() throws CairnException {
    SessionRoom room =
        new SessionRoom(
            sessions, new LiveLocks(core.view()), new LiveLeases(core.view(), sessions, 0, 0));
    for (int i = 0; i < SessionRoom.MOST; i++) {
      Session row = core.run((view, now) -> SessionDecider.open(view, "test", "", 1));
      sessions.opened(row, i);
    }
    OpenSession open = new OpenSession(room, OpenSessionRequest.getDefaultInstance(), "here", 5);
    OpenSession.Opened first = decide(open).reply();
    assertEquals(first, grant(open));
    assertNotEquals(first.ended(), decide(open).reply().ended(), "the first has ended already");
  }

  @Test
  void registerServer_countsTheServerAsThereWhenItIsGranted() throws CairnException {
    RegisterServer register =
        new RegisterServer(
            fleet,
            replicas,
            time,
            RegisterRequest.newBuilder()
                .setServerUuid("another")
                .setHost("h")
                .setDataPort(2)
                .setIncarnation(3)
                .build());
    int id = decide(register).reply().getId();
    assertFalse(fleet.lives(id));
    assertEquals(id, grant(register).getId());
    assertTrue(fleet.lives(id));
  }

  @Test
  void reportedReplicas_countWhenTheyAreGranted() throws CairnException {
    ReportedReplicas report =
        new ReportedReplicas(
            replicas,
            sessions,
            1,
            List.of(ChunkReplica.newBuilder().setChunkId(7).setLength(5).build()),
            true);
    assertEquals(List.of(7L), decide(report).reply().garbage());
    assertFalse(replicas.holds(7, 1));
    assertEquals(List.of(7L), grant(report).garbage());
    assertTrue(replicas.holds(7, 1));
  }

  @Test
  void unknownChunks_areGarbageWhenTheyAreGranted() throws CairnException {
    UnknownChunks unknown = new UnknownChunks(replicas, sessions, 1, List.of(0L, 7L));
    assertEquals(List.of(7L), decide(unknown).reply());
    assertFalse(replicas.holds(7, 1));
    assertEquals(List.of(7L), grant(unknown));
    assertTrue(replicas.holds(7, 1));
    assertEquals(List.of(7L), grant(unknown), "they are garbage since before");
  }
}
