package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.proto.BadSource;
import dev.cairn.rpc.proto.ChunkGrant;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.CopyOrder;
import dev.cairn.rpc.proto.CopyResult;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.GetStatusRequest;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.HeartbeatRequest;
import dev.cairn.rpc.proto.KeepAliveRequest;
import dev.cairn.rpc.proto.RegisterReply;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.proto.WrittenChunk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How missing replicas are ordered, and when they count. */
@Timeout(120)
final class RepairTest {

  private final ManualTime time = new ManualTime();

  @TempDir Path data;
  private RunningMaster master;
  private final List<RegisterReply> servers = new ArrayList<>();
  private long file;

  @BeforeEach
  void start() throws Exception {
    master = RunningMaster.start(data, time);
    for (int i = 1; i <= 3; i++) {
      servers.add(master.join("uuid-" + i, 7000 + i));
    }
    file = master.create(RunningMaster.ROOT, "f", FileType.REGULAR);
  }

  @AfterEach
  void stop() {
    master.close();
  }

  private GetStatusReply status() {
    return master.cluster.getStatus(GetStatusRequest.getDefaultInstance());
  }

  /** Commits the only chunk of the file, as so long, on those servers. */
  private void commit(long chunk, int length, boolean sealed, int... on) {
    WrittenChunk.Builder written =
        WrittenChunk.newBuilder()
            .setChunkId(chunk)
            .setLength(length)
            .setSealed(sealed)
            .setReplicas(2);
    for (int server : on) {
      written.addServerIds(server);
    }
    var unused =
        master.files.commit(
            CommitRequest.newBuilder()
                .setContext(master.next())
                .setInode(file)
                .addExtents(Extent.newBuilder().setLength(length).setChunkId(chunk))
                .addChunks(written)
                .setSizeAtLeast(length)
                .build());
  }

  private HeartbeatReply beat(int server, List<CopyResult> results, List<Long> copying) {
    RegisterReply registered = servers.get(server - 1);
    return master.servers.heartbeat(
        HeartbeatRequest.newBuilder()
            .setServerId(registered.getServerId())
            .setMasterIncarnation(registered.getMasterIncarnation())
            .addDisks(RunningMaster.disk())
            .addAllCopied(results)
            .addAllCopying(copying)
            .build());
  }

  /** Lets time pass with only these servers beating. */
  private void pass(long seconds, int... living) {
    for (int i = 0; i < seconds; i++) {
      time.pass(Duration.ofSeconds(1));
      var unused =
          master.sessions.keepAlive(
              KeepAliveRequest.newBuilder()
                  .setSessionId(master.session().getSessionId())
                  .setEpoch(master.session().getEpoch())
                  .build());
      for (int server : living) {
        HeartbeatReply unusedReply = master.heartbeat(servers.get(server - 1), List.of());
      }
    }
  }

  private List<CopyOrder> ordered(int server) {
    List<CopyOrder> orders = new ArrayList<>();
    Eventually.equals(
        true,
        () -> {
          pass(1, 1);
          orders.addAll(beat(server, List.of(), List.of()).getCopiesList());
          return !orders.isEmpty();
        });
    return orders;
  }

  private static CopyResult copied(long chunk, int length) {
    return CopyResult.newBuilder().setChunkId(chunk).setLength(length).build();
  }

  private List<Integer> locations() {
    return MasterTest.open(master, file).getMap().getLocations(0).getServerIdsList().stream()
        .sorted()
        .toList();
  }

  @Test
  void chunksOfADeadServer_areCopiedToAnother_andCountWhenTheyAreThere() {
    long chunk = MasterTest.grant(master, 1).getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    pass(11, 1, 3);
    List<CopyOrder> orders = ordered(3);
    assertEquals(1, orders.size());
    assertEquals(
        List.of(1),
        orders.get(0).getSourcesList().stream().map(ServerAddress::getServerId).toList());
    assertEquals(7001, orders.get(0).getSources(0).getPort());
    assertEquals(chunk, orders.get(0).getChunks(0).getChunkId());
    assertEquals(10, orders.get(0).getChunks(0).getLength());
    assertEquals(1, status().getCopiesUnderWay());
    assertEquals(0, beat(3, List.of(), List.of(chunk)).getCopiesCount());
    assertEquals(List.of(1), locations());

    var unused = beat(3, List.of(copied(chunk, 10)), List.of());
    assertEquals(List.of(1, 3), locations());
    assertEquals(0, status().getCopiesUnderWay());
    pass(1, 1, 3);
    assertEquals(0, status().getUnderReplicatedChunks());
  }

  @Test
  void anOrderThatGotLost_isGivenAgain() {
    long chunk = MasterTest.grant(master, 1).getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    pass(11, 1, 3);
    assertEquals(chunk, ordered(3).get(0).getChunks(0).getChunkId());
    assertEquals(chunk, ordered(3).get(0).getChunks(0).getChunkId());
  }

  @Test
  void aCopyThatIsTooShortByNow_doesNotCount() {
    long chunk = MasterTest.grant(master, 1).getFirstChunkId();
    commit(chunk, 10, false, 1, 2);
    pass(11, 1, 3);
    assertEquals(10, ordered(3).get(0).getChunks(0).getLength());
    commit(chunk, 20, false, 1);
    var unused = beat(3, List.of(copied(chunk, 10)), List.of());
    assertEquals(List.of(1), locations());
    assertEquals(20, ordered(3).get(0).getChunks(0).getLength());
  }

  @Test
  void aCommitThatMakesAChunkLonger_leavesOnlyReplicasThatHaveIt() {
    long chunk = MasterTest.grant(master, 1).getFirstChunkId();
    commit(chunk, 10, false, 1, 2);
    pass(11, 1, 3);
    assertEquals(1, ordered(3).size());
    var unused = beat(3, List.of(copied(chunk, 10)), List.of());
    assertEquals(List.of(1, 3), locations());
    commit(chunk, 20, false, 1);
    assertEquals(List.of(1), locations());
  }

  @Test
  void aSourceThatIsBad_isMarked() {
    ChunkGrant grant = MasterTest.grant(master, 1);
    long chunk = grant.getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    CopyResult failed =
        CopyResult.newBuilder()
            .setChunkId(chunk)
            .setFailure("block 0 does not match")
            .addBadSources(BadSource.newBuilder().setServerId(2).setReason("block 0"))
            .addBadSources(BadSource.newBuilder().setServerId(3).setReason("never had it"))
            .build();
    var unused = beat(3, List.of(failed), List.of());
    Eventually.equals(1, () -> status().getBadReplicasCount());
    assertEquals(2, status().getBadReplicas(0).getServerId());
    List<CopyOrder> orders = new ArrayList<>();
    Eventually.equals(
        true,
        () -> {
          pass(1, 1, 2);
          orders.addAll(beat(3, List.of(), List.of()).getCopiesList());
          return !orders.isEmpty();
        });
    assertEquals(1, orders.get(0).getSources(0).getServerId());
    assertEquals(1, orders.get(0).getSourcesCount());
  }

  @Test
  void aBadReplica_isDeletedWhenAnotherStandsIn_andTheMarkIsForgotten() {
    long chunk = MasterTest.grant(master, 1).getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    CopyResult failed =
        CopyResult.newBuilder()
            .setChunkId(chunk)
            .addBadSources(BadSource.newBuilder().setServerId(2).setReason("block 0"))
            .build();
    var unused = beat(3, List.of(failed), List.of());
    Eventually.equals(1, () -> status().getBadReplicasCount());
    assertEquals(List.of(), beat(2, List.of(), List.of()).getDeleteChunksList());
    unused = beat(3, List.of(copied(chunk, 10)), List.of());
    pass(1, 1, 2, 3);
    assertEquals(List.of(), beat(1, List.of(), List.of()).getDeleteChunksList());
    Eventually.equals(
        List.of(chunk),
        () -> {
          pass(1, 1, 3);
          return beat(2, List.of(), List.of()).getDeleteChunksList();
        });
    unused = master.heartbeat(servers.get(1), List.of(chunk));
    Eventually.equals(0, () -> status().getBadReplicasCount());
    assertEquals(List.of(1, 3), locations());
  }

  @Test
  void ofTooManyReplicas_oneIsDeleted_andNeverTwo() {
    long chunk = MasterTest.grant(master, 1).getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    var unused = beat(3, List.of(copied(chunk, 10)), List.of());
    assertEquals(List.of(1, 2, 3), locations());
    List<Integer> deleting = new ArrayList<>();
    Eventually.equals(
        1,
        () -> {
          pass(1, 1, 2, 3);
          deleting.clear();
          for (int server = 1; server <= 3; server++) {
            if (beat(server, List.of(), List.of()).getDeleteChunksCount() > 0) {
              deleting.add(server);
            }
          }
          return deleting.size();
        });
    unused = master.heartbeat(servers.get(deleting.get(0) - 1), List.of(chunk));
    assertEquals(2, locations().size());
    pass(12, 1, 2, 3);
    for (int server = 1; server <= 3; server++) {
      assertEquals(0, beat(server, List.of(), List.of()).getDeleteChunksCount());
    }
  }

  @Test
  void withTooFewServers_theStatusSaysWhatIsWaitedFor() {
    long chunk = MasterTest.grant(master, 1).getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    pass(11, 1);
    Eventually.equals(
        true,
        () -> {
          pass(1, 1);
          return status().getRepairWaits().contains("start more");
        });
    assertTrue(beat(1, List.of(), List.of()).getCopiesList().isEmpty());
  }
}
