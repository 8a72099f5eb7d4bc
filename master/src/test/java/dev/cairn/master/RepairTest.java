package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.proto.BadReplica;
import dev.cairn.rpc.proto.BadSource;
import dev.cairn.rpc.proto.ChunkGrant;
import dev.cairn.rpc.proto.ChunkReplica;
import dev.cairn.rpc.proto.CommitReply;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.CopyOrder;
import dev.cairn.rpc.proto.CopyResult;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.RemoveRequest;
import dev.cairn.rpc.proto.ServerAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How missing replicas are ordered, and when they count. */
final class RepairTest extends RepairCase {

  @Test
  void chunksOfADeadServer_areCopiedToAnother_andCountWhenTheyAreThere() {
    long chunk = grant().getFirstChunkId();
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
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    pass(11, 1, 3);
    assertEquals(chunk, ordered(3).get(0).getChunks(0).getChunkId());
    assertEquals(chunk, ordered(3).get(0).getChunks(0).getChunkId());
  }

  @Test
  void aCopyThatIsTooShortByNow_doesNotCount() {
    long chunk = grant().getFirstChunkId();
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
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, false, 1, 2);
    pass(11, 1, 3);
    assertEquals(1, ordered(3).size());
    var unused = beat(3, List.of(copied(chunk, 10)), List.of());
    assertEquals(List.of(1, 3), locations());
    commit(chunk, 20, false, 1);
    assertEquals(List.of(1), locations());
  }

  @Test
  void aSourceThatIsBad_isMarkedWhenItsServerHasCheckedIt() {
    ChunkGrant grant = grant();
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
    Eventually.equals(List.of(chunk), () -> beat(2, List.of(), List.of()).getVerifyChunksList());
    assertEquals(0, status().getBadReplicasCount());
    assertEquals(2, status().getSuspectReplicas(0).getServerId());
    foundBad(2, chunk);
    assertEquals(2, status().getBadReplicas(0).getServerId());
    assertEquals(0, status().getSuspectReplicasCount());
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

  /** The server says itself that its replica is bad. */
  private void foundBad(int server, long chunk) {
    BadReplica bad = BadReplica.newBuilder().setChunkId(chunk).setReason("block 0").build();
    var unused = master.servers.heartbeat(heartbeat(server).addBadReplicas(bad).build());
    Eventually.equals(1, () -> status().getBadReplicasCount());
  }

  @Test
  void aBadReplica_isPutAsideWhenAnotherStandsIn_andTheMarkIsForgotten() {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    foundBad(2, chunk);
    assertEquals(List.of(), beat(2, List.of(), List.of()).getUnfitChunksList());
    var unused = beat(3, List.of(copied(chunk, 10)), List.of());
    pass(1, 1, 2, 3);
    assertEquals(List.of(), beat(1, List.of(), List.of()).getUnfitChunksList());
    Eventually.equals(
        List.of(chunk),
        () -> {
          pass(1, 1, 3);
          return beat(2, List.of(), List.of()).getUnfitChunksList();
        });
    unused = master.heartbeat(servers.get(1), List.of(chunk));
    Eventually.equals(0, () -> status().getBadReplicasCount());
    assertEquals(List.of(1, 3), locations());
  }

  @Test
  void ofTooManyReplicas_oneIsDeleted_andNeverTwo() {
    long chunk = grant().getFirstChunkId();
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
            if (beat(server, List.of(), List.of()).getSurplusChunksCount() > 0) {
              deleting.add(server);
            }
          }
          return deleting.size();
        });
    unused = master.heartbeat(servers.get(deleting.get(0) - 1), List.of(chunk));
    assertEquals(2, locations().size());
    pass(12, 1, 2, 3);
    for (int server = 1; server <= 3; server++) {
      assertEquals(0, beat(server, List.of(), List.of()).getSurplusChunksCount());
    }
  }

  /** The server that is told to give its replica up, one of the three that have one. */
  private int toldToGo(long chunk) {
    commit(chunk, 10, true, 1, 2);
    var unused = beat(3, List.of(copied(chunk, 10)), List.of());
    List<Integer> told = new ArrayList<>();
    Eventually.equals(
        true,
        () -> {
          pass(1, 1, 2, 3);
          for (int server = 1; server <= 3 && told.isEmpty(); server++) {
            if (beat(server, List.of(), List.of()).getSurplusChunksCount() > 0) {
              told.add(server);
            }
          }
          return !told.isEmpty();
        });
    return told.get(0);
  }

  private void awaitUnderReplicated(long chunks, int... living) {
    Eventually.equals(
        chunks,
        () -> {
          pass(1, living);
          return status().getUnderReplicatedChunks();
        });
  }

  @Test
  void aReplicaToldToGo_countsAsGone_untilItsServerGoesByAnAnswerThatDoesNotSayIt() {
    long chunk = grant().getFirstChunkId();
    int told = toldToGo(chunk);
    int dead = told % 3 + 1;
    int other = dead % 3 + 1;
    // From here on the server settles on nothing: it may be at deleting what it was told.
    pass(11, told, other);
    awaitUnderReplicated(1, told, other);
    assertEquals(List.of(), beat(told, List.of(), List.of()).getSurplusChunksList());
    assertEquals(1, status().getUnderReplicatedChunks());
    var unused = beat(told, List.of(), List.of());
    awaitUnderReplicated(0, told, other);
  }

  @Test
  void aReplicaToldToGo_countsAgainWhenItsServerRegisters() throws Exception {
    long chunk = grant().getFirstChunkId();
    int told = toldToGo(chunk);
    int dead = told % 3 + 1;
    int other = dead % 3 + 1;
    pass(11, told, other);
    awaitUnderReplicated(1, told, other);
    ChunkReplica whole =
        ChunkReplica.newBuilder().setChunkId(chunk).setLength(10).setSealed(true).build();
    servers.set(told - 1, master.join("uuid-" + told, 7000 + told, whole));
    awaitUnderReplicated(0, told, other);
  }

  @Test
  void aReplicaToldToGo_isToldInEachAnswerUntilItIsGone() {
    long chunk = grant().getFirstChunkId();
    int told = toldToGo(chunk);
    for (int i = 0; i < 3; i++) {
      pass(1, 1, 2, 3);
      assertEquals(List.of(chunk), beat(told, List.of(), List.of()).getSurplusChunksList());
    }
  }

  @Test
  void aBadReplicaToldToGo_isReplacedInItsPlace_onlyWhenItsServerNoLongerGoesByThat() {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    markBad(2, chunk);
    var unused = beat(3, List.of(copied(chunk, 10)), List.of());
    Eventually.equals(
        List.of(chunk),
        () -> {
          pass(1, 1, 3);
          return beat(2, List.of(), List.of()).getUnfitChunksList();
        });
    // Its good one would be put aside in place of the bad one.
    for (int i = 0; i < 15; i++) {
      pass(1, 1);
      HeartbeatReply reply = master.heartbeat(servers.get(1), List.of());
      assertEquals(List.of(), reply.getCopiesList());
    }
    unused = beat(2, List.of(), List.of());
    assertTrue(ordered(2).get(0).getChunks(0).getReplace());
  }

  @Test
  void aReplicaThatMayBeReplacedAtThisMoment_isNotToldToGo() throws Exception {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 20, true, 1, 2);
    ChunkReplica shorter = ChunkReplica.newBuilder().setChunkId(chunk).setLength(10).build();
    master.report(servers.get(2), shorter);
    Eventually.equals(
        List.of(chunk),
        () -> {
          pass(1, 1, 2, 3);
          return beat(3, List.of(), List.of()).getUnfitChunksList();
        });
    assertEquals(List.of(), beat(3, List.of(), List.of(chunk)).getUnfitChunksList());
  }

  @Test
  void withTooFewServers_theStatusSaysWhatIsWaitedFor() {
    long chunk = grant().getFirstChunkId();
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

  @Test
  void aCommit_doesNotBringBackWhatAServerHasSaidIsGone_untilItIsThereAgain() {
    long chunk = grant().getFirstChunkId();
    HeartbeatReply unused = master.heartbeat(servers.get(1), List.of(chunk));
    commit(chunk, 10, false, 1, 2);
    assertEquals(List.of(1), locations());
    CommitRequest sealing = request(chunk, 10, true, 1, 2);
    CommitReply first = master.files.commit(sealing);
    assertEquals(first, master.files.commit(sealing));
    assertEquals(List.of(1), locations());
    unused = beat(2, List.of(copied(chunk, 10)), List.of());
    assertEquals(List.of(1, 2), locations());
    assertEquals(first, master.files.commit(sealing));
    assertEquals(List.of(1, 2), locations());
  }

  private void markBad(int server, long chunk) {
    int before = status().getBadReplicasCount();
    var unused =
        master.servers.heartbeat(
            heartbeat(server)
                .addBadReplicas(BadReplica.newBuilder().setChunkId(chunk).setReason("block 0"))
                .build());
    Eventually.equals(before + 1, () -> status().getBadReplicasCount());
  }

  @Test
  void ofTwoServers_theOneWithABadReplica_replacesItsOwn() {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    pass(11, 1, 2);
    markBad(2, chunk);
    List<CopyOrder> orders = ordered(2);
    assertTrue(orders.get(0).getChunks(0).getReplace());
    assertEquals(1, orders.get(0).getSourcesCount());
    assertEquals(1, orders.get(0).getSources(0).getServerId());
    // The bad one is gone, and then the copy is there.
    var unused =
        master.servers.heartbeat(heartbeat(2).addLostChunks(chunk).addCopying(chunk).build());
    unused = beat(2, List.of(copied(chunk, 10)), List.of());
    Eventually.equals(0, () -> status().getBadReplicasCount());
    assertEquals(List.of(1, 2), locations());
    pass(1, 1, 2);
    assertEquals(0, status().getUnderReplicatedChunks());
  }

  @Test
  void aBadReplica_isReplacedInItsPlace_onlyWhenNoOtherServerHasRoom() {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    markBad(2, chunk);
    List<CopyOrder> orders = ordered(3, 1, 2);
    assertEquals(chunk, orders.get(0).getChunks(0).getChunkId());
    assertFalse(orders.get(0).getChunks(0).getReplace());
    assertEquals(List.of(), beat(2, List.of(), List.of()).getCopiesList());
  }

  @Test
  void ofReplicasThatAreAllBad_noneIsPutAside() {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    markBad(1, chunk);
    markBad(2, chunk);
    pass(12, 1, 2, 3);
    for (int server = 1; server <= 3; server++) {
      HeartbeatReply reply = beat(server, List.of(), List.of());
      assertEquals(List.of(), reply.getUnfitChunksList());
      assertEquals(List.of(), reply.getSurplusChunksList());
      assertEquals(List.of(), reply.getCopiesList());
    }
  }

  @Test
  void aServerThatComesBack_putsItsShorterReplicaAside_butNotTheLastOneThereIs() throws Exception {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 20, true, 1, 2);
    ChunkReplica shorter = ChunkReplica.newBuilder().setChunkId(chunk).setLength(10).build();
    master.report(servers.get(2), shorter);
    pass(1, 1, 2, 3);
    Eventually.equals(
        List.of(chunk),
        () -> {
          pass(1, 1, 2, 3);
          return beat(3, List.of(), List.of()).getUnfitChunksList();
        });
    // One of the whole ones dies: now the short one may be all that is left some day.
    pass(11, 1, 3);
    assertEquals(List.of(), beat(3, List.of(), List.of()).getUnfitChunksList());
  }

  @Test
  void aReplicaThatDidNotGrowWithItsChunk_isPutAsideWhenOthersStandIn() {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, false, 1, 2);
    commit(chunk, 20, true, 1, 3);
    assertEquals(List.of(1, 3), locations());
    Eventually.equals(
        List.of(chunk),
        () -> {
          pass(1, 1, 2, 3);
          return beat(2, List.of(), List.of()).getUnfitChunksList();
        });
  }

  @Test
  void aCopyThatIsTooShortWhenItIsThere_isPutAsideWhenOthersStandIn() {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 20, true, 1, 2);
    var unused = beat(3, List.of(copied(chunk, 10)), List.of());
    Eventually.equals(
        List.of(chunk),
        () -> {
          pass(1, 1, 2, 3);
          return beat(3, List.of(), List.of()).getUnfitChunksList();
        });
  }

  @Test
  void aShorterReplicaOfAChunkThatBecomesGarbage_isDeletedToo() {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, false, 1, 2);
    commit(chunk, 20, true, 1);
    var unused =
        master.names.remove(
            RemoveRequest.newBuilder()
                .setContext(master.next())
                .setParent(RunningMaster.ROOT)
                .setName(ByteString.copyFromUtf8("f"))
                .build());
    Eventually.equals(1L, () -> status().getGarbageChunks());
    pass(RunningMaster.GARBAGE_HOLD.toSeconds() + 1, 1, 2, 3);
    Eventually.equals(
        List.of(chunk),
        () -> {
          pass(1, 1, 3);
          return beat(2, List.of(), List.of()).getDeleteChunksList();
        });
    HeartbeatReply reply = master.heartbeat(servers.get(0), List.of(chunk));
    assertEquals(List.of(), reply.getDeleteChunksList());
    assertEquals(1L, status().getGarbageChunks());
    reply = master.heartbeat(servers.get(1), List.of(chunk));
    assertEquals(List.of(), reply.getQuarantineChunksList());
    Eventually.equals(0L, () -> status().getGarbageChunks());
  }

  @Test
  void aChunkNoFileIsKnownFor_isPutAside_andNotDeleted() throws Exception {
    ChunkReplica unknown = ChunkReplica.newBuilder().setChunkId(777).setLength(10).build();
    master.report(servers.get(2), unknown);
    Eventually.equals(1L, () -> status().getGarbageChunks());
    assertEquals(List.of(), beat(3, List.of(), List.of()).getQuarantineChunksList());
    pass(RunningMaster.GARBAGE_HOLD.toSeconds() + 1, 1, 2, 3);
    Eventually.equals(
        List.of(777L),
        () -> {
          HeartbeatReply reply = beat(3, List.of(), List.of());
          assertEquals(List.of(), reply.getDeleteChunksList());
          return reply.getQuarantineChunksList();
        });
    var unused = master.heartbeat(servers.get(2), List.of(777L));
    Eventually.equals(0L, () -> status().getGarbageChunks());
  }
}
